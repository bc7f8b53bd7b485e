// command: what a client can ask, and what it is answered; free of any dialect.
//
// A dialect turns bytes into commands and replies into frames; the session logic knows only these
// structs. Views in commands point into the message being decoded and are valid until the next
// message of the same loop. Reference: the Centrifuge client protocol v2 (docs/protocol.md); fields
// marked "ours" are additions.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/core/publication.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace argosy {

/// Where a client stood when it lost its connection.
struct recover_position {
  std::string_view channel;
  bool recover = false;
  std::string_view epoch;
  std::uint64_t offset = 0;
};

struct connect_command {
  std::string_view token;
  std::string_view data; ///< raw JSON or ""
  std::string_view name;
  std::string_view version;
  std::vector<recover_position> subs;
};
struct subscribe_command {
  std::string_view channel;
  std::string_view token;
  std::string_view data;
  bool recover = false;
  std::string_view epoch;
  std::uint64_t offset = 0;
  bool positioned = false;
  bool recoverable = false;
  bool join_leave = false;
  std::uint64_t flag = 0; ///< bit 1 (value 2): answer error 112 instead of recovered:false
};
struct unsubscribe_command {
  std::string_view channel;
};
/// What becomes of a publication when a receiver lags.
enum class delivery : std::uint8_t {
  event,  ///< it comes in its turn, and never drops in silence
  latest, ///< the newest of its key is enough
  unknown ///< a class we do not know: refused with errc::unknown_class
};

struct publish_command {
  std::string_view channel;
  std::string_view data; ///< never empty; raw JSON (one line), or any bytes in a binary dialect
  std::string_view key;  ///< ours: conflation key for delivery::latest
  delivery delivery_class = delivery::event; ///< ours
  std::string_view idempotency_key;          ///< ours
};
struct presence_command {
  std::string_view channel;
};
struct presence_stats_command {
  std::string_view channel;
};
struct history_command {
  std::string_view channel;
  std::int64_t limit = 0; ///< 0 = position only, -1 = all (up to the server's maximum)
  bool has_since = false;
  std::string_view since_epoch;
  std::uint64_t since_offset = 0;
  bool reverse = false;
};
struct rpc_command {
  std::string_view method;
  std::string_view data;
};
struct refresh_command {
  std::string_view token;
};
struct sub_refresh_command {
  std::string_view channel;
  std::string_view token;
};
struct send_command { ///< no id, no reply
  std::string_view data;
};
struct pong_command {};  ///< the answer to our ping
struct unknown_command { ///< an id but no method we know: error 104
  std::string_view method;
};

using command_body =
    std::variant<connect_command, subscribe_command, unsubscribe_command, publish_command,
                 presence_command, presence_stats_command, history_command, rpc_command,
                 refresh_command, sub_refresh_command, send_command, pong_command, unknown_command>;

struct command {
  std::uint32_t id = 0; ///< 0 = none was given
  command_body body;
};

// -- replies --------------------------------------------------------------------------------------

struct subscribe_result {
  bool expires = false;
  std::uint32_t ttl_s = 0;
  bool recoverable = false;
  bool positioned = false;
  std::string epoch;
  std::uint64_t offset = 0;
  publications missed; ///< oldest first
  bool recovered = false;
  bool was_recovering = false;
  std::string data;
};
struct connect_result {
  client_id client;
  std::string_view version;
  bool expires = false;
  std::uint32_t ttl_s = 0;
  std::string data;
  std::vector<std::pair<std::string, subscribe_result>> subs; ///< server-side subscriptions
  std::uint32_t ping_s = 25;
  bool pong = true;
  std::string session;
  std::string node;
  std::int64_t time_ms = 0;
};
struct unsubscribe_result {};
struct publish_result {
  std::string epoch; ///< ours; "" and 0 where the channel keeps no history
  std::uint64_t offset = 0;
};
struct presence_result {
  std::vector<client_info_ptr> clients;
};
struct presence_stats_result {
  std::uint32_t num_clients = 0;
  std::uint32_t num_users = 0;
};
struct history_result {
  publications items;
  std::string epoch;
  std::uint64_t offset = 0;
};
struct rpc_result {
  std::string data;
};
struct refresh_result {
  client_id client;
  std::string_view version;
  bool expires = false;
  std::uint32_t ttl_s = 0;
};
struct sub_refresh_result {
  bool expires = false;
  std::uint32_t ttl_s = 0;
};

using reply_body = std::variant<errc, connect_result, subscribe_result, unsubscribe_result,
                                publish_result, presence_result, presence_stats_result,
                                history_result, rpc_result, refresh_result, sub_refresh_result>;

// -- pushes ---------------------------------------------------------------------------------------

struct join_push {
  client_info_ptr info;
};
struct leave_push {
  client_info_ptr info;
};
struct unsubscribe_push {
  std::uint32_t code = 2000; ///< >= 2500: the SDK resubscribes
  std::string_view reason;
};
struct subscribe_push { ///< a server-side subscription was added
  bool recoverable = false;
  bool positioned = false;
  std::string epoch;
  std::uint64_t offset = 0;
};
struct message_push { ///< asynchronous message outside of rooms; the channel is ""
  std::string data;
};
struct disconnect_push { ///< the channel is ""
  std::uint32_t code = 3000;
  std::string_view reason;
  bool reconnect = true;
};
struct refresh_push { ///< the server changed the expiry; the channel is ""
  bool expires = false;
  std::uint32_t ttl_s = 0;
};
struct gap_push { ///< ours: publications `from`..`to` were dropped for this client
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::string_view reason;
};
struct drain_push { ///< ours: this node is leaving; reconnect in `after_ms`. The channel is ""
  std::uint32_t after_ms = 0;
  std::string_view endpoint; ///< where to; "" = where you came from
};

using push_body =
    std::variant<publication_ptr, join_push, leave_push, unsubscribe_push, subscribe_push,
                 message_push, disconnect_push, refresh_push, gap_push, drain_push>;

} // namespace argosy
