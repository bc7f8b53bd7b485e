// room_behavior: what a room does with what happens in it; the port that custom rooms implement.
//
// The room actor sequences, remembers and fans out; the behaviour only decides. The built-in
// channel accepts everything. A behaviour lives inside one actor: no locks, never a socket, never a
// remote handle. What it throws ends the room's actor; its successor starts from a new behaviour.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/core/publication.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace argosy {

/// What a behaviour may do besides answering.
class room_context {
public:
  virtual std::string_view channel() const noexcept = 0;

  /// Publishes to the room in its own name: sequenced and fanned out as any other publication.
  virtual void publish(std::string data) = 0;

  /// Calls `on_tick` once, after `delay`.
  virtual void tick_after(std::chrono::milliseconds delay) = 0;

protected:
  ~room_context() = default;
};

/// A publication that has passed the connection's checks and waits for the room's decision.
struct publish_offer {
  const client_info* publisher = nullptr; ///< null = the server API
  std::string& data;                      ///< may be rewritten in place
};

class room_behavior {
public:
  virtual ~room_behavior() = default;

  virtual void on_activate(room_context&) {}

  /// True if `on_join` and `on_leave` are wanted: it costs one message per arrival and departure.
  virtual bool wants_membership() const noexcept { return false; }
  virtual void on_join(room_context&, const client_info&) {}
  virtual void on_leave(room_context&, const client_info&) {}

  /// errc::none accepts (with `offer.data` as it then is); anything else is the publisher's answer.
  virtual errc on_publish(room_context&, publish_offer&) { return errc::none; }

  virtual void on_tick(room_context&) {}
};

/// Chooses the behaviour of a room by its channel; called once per activation.
using behavior_factory = std::function<std::unique_ptr<room_behavior>(std::string_view channel)>;

/// The built-in channel: accepts what it is given.
class channel_behavior final : public room_behavior {};

} // namespace argosy
