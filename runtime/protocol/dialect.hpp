// dialect: one encoding of the client protocol; a codec without state.
//
// A dialect is chosen by WebSocket subprotocol at the upgrade: none = Centrifuge JSON,
// "argosy.capnp.1" = Cap'n Proto binary. To add one, implement this interface; nothing else in the
// tree knows the bytes.
#pragma once

#include "runtime/core/frame.hpp"
#include "runtime/protocol/command.hpp"

#include <cstdint>
#include <string_view>

namespace argosy {

/// Receives the commands of one message in order. Returns false to stop (the connection is
/// closing).
class command_sink {
public:
  virtual bool on_command(const command& c) = 0;

protected:
  ~command_sink() = default;
};

class dialect {
public:
  virtual ~dialect() = default;

  /// "json" or "capnp", for logs and metrics.
  virtual std::string_view name() const noexcept = 0;

  /// The WebSocket subprotocol that selects it ("" = none offered).
  virtual std::string_view subprotocol() const noexcept = 0;

  /// Calls `sink` for each command of one WebSocket message, or returns errc::closed_bad_request at
  /// the first byte that is not the protocol (then the connection must be closed with it). Commands
  /// before the bad one have been delivered. Uses scratch memory of the calling thread, allocates
  /// nothing for messages up to 64 KiB.
  [[nodiscard]] virtual errc decode(std::string_view message, bool binary,
                                    command_sink& sink) const = 0;

  /// The reply to command `id`; the body's alternative names the method. An errc makes an error
  /// reply.
  [[nodiscard]] virtual frame encode_reply(std::uint32_t id, const reply_body& body) const = 0;

  /// A push for `channel` ("" for message, disconnect and refresh). Encode once, send to many.
  /// `with_offset`: publications carry their offset (the channel keeps history).
  [[nodiscard]] virtual frame encode_push(std::string_view channel, const push_body& body,
                                          bool with_offset) const = 0;

  /// The shared ping frame.
  [[nodiscard]] virtual const frame& ping() const noexcept = 0;
};

/// The dialects of this program: stateless, alive until exit.
const dialect& json_dialect() noexcept;
const dialect& capnp_dialect() noexcept;

inline constexpr std::size_t dialect_count = 2;

/// The slot of `d` in per-dialect tables: 0 = JSON, 1 = Cap'n Proto.
std::size_t dialect_index(const dialect& d) noexcept;

/// The dialect of a chosen subprotocol; JSON for "".
const dialect& dialect_for(std::string_view subprotocol) noexcept;

} // namespace argosy
