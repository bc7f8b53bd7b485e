// connection_actor: one client connection, on the strand of its socket's loop.
//
// Reads commands, checks rights, speaks to rooms, users and presence through the router, and
// answers. Knows no bytes (that is its dialect) and no system call (that is its socket). It is kept
// alive by its socket: `self_` is dropped in on_closed. Life: opened -> authenticating ->
// subscribing (server side) -> live -> closing.
//
// Answers of other actors carry the id of the command as their ticket, so a pending command costs
// no memory here.
#pragma once

#include "actors/connection/subscription.hpp"
#include "actors/node_services.hpp"
#include "actors/room/fan_member.hpp"
#include "runtime/core/channel_rules.hpp"
#include "runtime/core/token_bucket.hpp"
#include "runtime/loop_strand.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/presence.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/user.hpp"
#include "runtime/protocol/dialect.hpp"
#include "runtime/socket.hpp"

#include <memory>
#include <string>
#include <vector>

namespace argosy {

class fan_worker_actor;
struct identity;
namespace auth {
struct subscription_grant;
}

class connection_actor final : public fan_member, public socket_handler {
public:
  connection_actor(caf::actor_config& config, loop_strand& home, node_services& services,
                   socket_id socket, const dialect& speaks);
  ~connection_actor() override;

  /// Ties the actor's life to its socket; once, right after it was made.
  void begin();

  // -- for people; on its loop --------------------------------------------------------------------
  description described() const;
  std::size_t queued_bytes() const { return loop().queued_bytes(socket_); }
  /// Is that its client id, or its user's address? "" = any.
  bool goes_by(std::string_view name) const;

  // strand_actor
  void receive(caf::mailbox_element& what) override;
  void failed(const char* what) noexcept override;

  // socket_handler
  void on_message(std::string_view payload, bool binary) override;
  void on_ping_due() override;
  void on_pong_due() override;
  void on_timer(std::uint32_t tag) override;
  void on_closed(const socket_closed& why) noexcept override;

  // fan_member
  void admitted(room_members& room, const member_admitted& answer) override;
  void moved(std::uint32_t subscription, std::uint32_t position) noexcept override;
  void deliver_held(const frame& f, lane in) override;
  void overrun() override;
  void evicted(std::uint32_t subscription, std::uint32_t code) override;

private:
  enum class phase : std::uint8_t { opened, authenticating, subscribing, live, closing };
  struct connecting; ///< what is needed between the connect command and its reply
  /// What the client said to rooms whose subscription is on its way: it goes in behind that, so
  /// that the client hears itself.
  using held_publishes = std::vector<std::pair<address, publish_room>>;

  // -- commands (connection_commands.cpp) ---------------------------------------------------------
  class message_sink;
  void decode(std::string_view payload, bool binary, std::size_t skip);
  bool run(const command& c);
  errc run(std::uint32_t id, const subscribe_command& c);
  errc run(std::uint32_t id, const unsubscribe_command& c);
  errc run(std::uint32_t id, const publish_command& c);
  errc run(std::uint32_t id, const presence_command& c);
  errc run(std::uint32_t id, const presence_stats_command& c);
  errc run(std::uint32_t id, const history_command& c);
  errc run(std::uint32_t id, const rpc_command& c);
  errc run(std::uint32_t id, const refresh_command& c);
  errc run(std::uint32_t id, const sub_refresh_command& c);
  errc run(std::uint32_t id, const send_command& c);
  errc run(std::uint32_t id, const unknown_command& c);
  errc hold_publish(publish_room what, const address& room);
  errc ask_presence(std::uint32_t id, std::string_view channel, bool count_only);
  const channel_options* options_of(std::string_view channel, errc& why_not) const;

  // -- connecting (connection_session.cpp) --------------------------------------------------------
  void connect(std::uint32_t id, const connect_command& c);
  void accept(identity who);
  void join_server_side();
  void join_server_side(const auth::subscription_grant& grant);
  void tell_of_missing_history(const std::string& channel) const;
  void finish_connect_if_ready();

  // -- subscriptions (connection_subscriptions.cpp) -----------------------------------------------
  subscription& add_subscription(std::string_view channel, const channel_options& options);
  void join(const subscription& s, const recover_position& since);
  subscription* find(std::string_view channel) noexcept;
  client_info_ptr info_for_channel(std::string chan_info) const;
  void not_admitted(subscription& s, errc why);
  void refuse_publishes(const address& room, errc why);
  void enter(subscription& s, room_members& room, const member_admitted& answer);
  void announce(const subscription& s, presence_verb what);
  void release_publishes(const address& room);
  void remove(subscription& s, presence_verb why = presence_verb::left);
  void answer_waiting(subscription& s);
  void end_subscription(subscription& s, std::uint32_t code);
  subscribe_result result_of(const subscription& s, const member_admitted& answer) const;

  // -- answers and orders of other actors ---------------------------------------------------------
  void session_admitted(session_opened& m);
  void open_user_session(std::uint32_t ticket, std::uint32_t cap);
  void reopen(reopen_session& m);
  void published(room_published& m);
  void history_came(history_read& m);
  void presence_came(presence_listed& m);
  void direct(deliver_direct& m);
  void end(end_session& m);
  void subscribe(subscribe_session& m);
  void unsubscribe(unsubscribe_session& m);
  void refresh(refresh_session& m);
  void describe_to(describe& m);

  // -- small things -------------------------------------------------------------------------------
  socket_loop& loop() const noexcept;
  fan_worker_actor& fan_worker() const noexcept;
  loop_metrics& metrics() const noexcept;
  std::string_view tenant() const noexcept { return user_at_.tenant(); }
  asker who_asks() const noexcept;
  std::size_t rooms_joined() const noexcept;
  std::string personal_channel() const;
  void reply(std::uint32_t id, const reply_body& body);
  void push(std::string_view channel, const push_body& body);
  void send(lane in, const frame& f);
  void close(errc why);
  void close(std::uint16_t code, std::string_view reason);
  void set_expiry(std::int64_t expires_at_s);
  void arm(std::chrono::steady_clock::time_point deadline);
  std::chrono::steady_clock::time_point deadline_of(std::int64_t expires_at_s) const;
  void check_deadlines();
  std::uint32_t ttl_s(std::chrono::steady_clock::time_point at) const;

  static const std::array<message_row<connection_actor>, 11> table_;

  node_services& node_;
  const dialect* speaks_;
  socket_id socket_;
  caf::strong_actor_ptr self_; ///< dropped when the socket is gone
  address user_at_;            ///< tenant/user/ID; the key is "" for an anonymous client
  client_info_ptr info_;
  std::shared_ptr<const rights> caps_;
  std::vector<subscription> subscriptions_;
  std::unique_ptr<connecting> connecting_;
  std::unique_ptr<held_publishes> held_publishes_;  ///< null while there are none
  std::chrono::steady_clock::time_point expires_{}; ///< zero = never
  token_bucket commands_;
  phase phase_ = phase::opened;
  bool awaiting_pong_ = false;
  std::uint16_t rate_strikes_ = 0;
  errc closed_for_ = errc::none;
};

} // namespace argosy
