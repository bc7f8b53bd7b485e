// speech: what a client says to the server under test, and what it makes of the answers.
//
// Argosy and Centrifugo are spoken to through the codecs of the C++ client library, in either
// dialect; servers of another protocol by the templates of their target. One object for all clients
// of a process: it has no state but what it was made with.
#pragma once

#include "bench/target.hpp"
#include "bench/ws_scanner.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace argosy::bench {

/// What a message from the server amounts to.
struct heard {
  bool ping = false;       ///< it wants `heartbeat_reply`
  bool connected = false;  ///< the client is let in
  bool subscribed = false; ///< and is in its room
  bool understood = true;  ///< false: this is not the protocol, at least from some byte on
  std::string refusal;     ///< what the server says against it; empty: nothing
};

class speech {
public:
  virtual ~speech() = default;

  /// The WebSocket subprotocol to offer; "" = none.
  virtual std::string_view subprotocol() const noexcept = 0;
  virtual ws_opcode opcode() const noexcept = 0;

  /// The first message of a client; "" = nothing needs saying. An empty `room` joins none, an empty
  /// `token` shows none.
  virtual std::string hello(std::string_view token, std::string_view room) const = 0;

  virtual std::string publication(std::uint32_t id, std::string_view room,
                                  std::string_view payload) const = 0;

  /// False if a look is enough to say that no ping is in `message`: `listen` costs more.
  virtual bool may_hold_ping(std::string_view message) const noexcept = 0;
  virtual std::string heartbeat_reply() const = 0;

  virtual heard listen(std::string_view message) const = 0;
};

/// How clients of `server` speak; `how` matters to the Centrifuge protocol only.
std::unique_ptr<speech> make_speech(const target& server, dialect how);

/// The codecs of the client library (codec_speech.cpp).
std::unique_ptr<speech> make_codec_speech(dialect how);

} // namespace argosy::bench
