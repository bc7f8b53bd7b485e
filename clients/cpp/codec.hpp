// codec: the client's end of a dialect; the mirror image of runtime/protocol/dialect.hpp.
//
// It speaks in the same structs as the server: a client encodes a `command` and decodes the results
// and pushes. Stateless and shared.
#pragma once

#include "runtime/protocol/command.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace argosy::client {

/// An error the server answered with, or one of the client's own (codes below 100).
struct error {
  std::uint32_t code = 0;
  std::string message;
  bool temporary = false;
};

/// The body of a reply. `version` views point into the message.
using reply = std::variant<error, connect_result, subscribe_result, unsubscribe_result,
                           publish_result, presence_result, presence_stats_result, history_result,
                           rpc_result, refresh_result, sub_refresh_result>;

/// Receives what one message from the server holds, in order.
class server_sink {
public:
  virtual void on_ping() = 0;
  virtual void on_reply(std::uint32_t id, reply body) = 0;
  virtual void on_push(std::string_view channel, push_body body) = 0;

protected:
  ~server_sink() = default;
};

class codec {
public:
  virtual ~codec() = default;

  /// The WebSocket subprotocol to offer; "" = none.
  virtual std::string_view subprotocol() const noexcept = 0;
  virtual bool binary() const noexcept = 0;

  /// One WebSocket message with all of `commands`.
  [[nodiscard]] virtual std::string encode(std::span<const command> commands) const = 0;

  /// Hands what is in `message` to `sink`; false at the first byte that is not the protocol.
  /// Replies and pushes of a kind this client does not know are passed over. Views in what the sink
  /// gets are valid during the call only.
  [[nodiscard]] virtual bool decode(std::string_view message, server_sink& sink) const = 0;
};

const codec& json_codec() noexcept;
const codec& capnp_codec() noexcept;

} // namespace argosy::client
