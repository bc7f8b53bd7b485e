// socket: the port between the socket layer (net/) and the actors (actors/). Neither includes the
// other.
//
// The socket layer implements `socket_loop` and calls `socket_handler`; a connection actor is the
// other way round. Everything here happens on the thread of one loop, except the members marked
// "any thread". No locks, no hops.
#pragma once

#include "runtime/core/frame.hpp"
#include "runtime/core/lane.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace argosy {

/// Names a socket inside its loop. The generation makes the id of a closed socket harmless: calls
/// on it do nothing.
struct socket_id {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const socket_id&, const socket_id&) = default;
};

/// Why a socket is gone. `code` is the WebSocket close code that was sent or received, 1006 if
/// there was none.
struct socket_closed {
  std::uint16_t code = 1006;
  std::string_view reason;
  bool by_peer = false;
};

/// One per open WebSocket; the connection actor. All calls come on the loop's thread, after
/// `socket_gateway::open` returned it and until `on_closed`, which is the last call.
class socket_handler {
public:
  /// One whole message; `payload` is valid during the call only. Text has been checked to be UTF-8.
  virtual void on_message(std::string_view payload, bool binary) = 0;

  /// The coarse heartbeat: `on_ping_due` once every ping interval, `on_pong_due` one pong timeout
  /// after each of them.
  virtual void on_ping_due() = 0;
  virtual void on_pong_due() = 0;

  /// A timer set with `call_later` is due.
  virtual void on_timer(std::uint32_t tag) = 0;

  /// The socket is gone. Frees nothing by itself: the handler ends its own life.
  virtual void on_closed(const socket_closed& why) noexcept = 0;

protected:
  ~socket_handler() = default;
};

/// The outcome of a send. Only `refused_slow` asks for an action: the socket is over its outbound
/// limits and its owner must close it (3008), because the peer now has a gap that only a resume can
/// fill.
enum class send_result : std::uint8_t { queued, conflated, dropped, refused_slow, gone };

/// One event loop with its sockets. Implemented in net/.
class socket_loop {
public:
  /// Queues `f`; all that was queued for a socket in one turn leaves in one system call at the end
  /// of the turn. `conflation_key` counts in lane::latest only: a queued frame with the same
  /// non-zero key is replaced. O(1).
  virtual send_result send(socket_id socket, lane in, const frame& f,
                           std::uint64_t conflation_key = 0) = 0;

  /// Sends a close frame behind what is queued, then waits for the peer's (bounded by the close
  /// deadline) and closes. `on_closed` comes later, never from inside this call. Further calls on
  /// the socket do nothing.
  virtual void close(socket_id socket, std::uint16_t code, std::string_view reason) = 0;

  /// Calls `on_timer(tag)` after at least `delay`, to about 100 ms; cannot be cancelled (check your
  /// state).
  virtual void call_later(socket_id socket, std::chrono::milliseconds delay, std::uint32_t tag) = 0;

  /// Bytes waiting for the peer to read.
  virtual std::size_t queued_bytes(socket_id socket) const = 0;

  /// The text form of the peer's address without the port, as told by the kernel or a trusted
  /// proxy.
  virtual std::string peer_address(socket_id socket) const = 0;

  /// Calls `visit` with the handler of every open socket; O(sockets), for people's questions only.
  virtual void for_each_handler(const std::function<void(socket_handler&)>& visit) = 0;

  /// Number of this loop, 0-based.
  virtual std::uint32_t index() const noexcept = 0;

  /// The time at which this turn began.
  virtual std::chrono::steady_clock::time_point now() const noexcept = 0;

  /// Any thread: makes the loop call `loop_work::run` soon. Cheap when the loop is awake.
  virtual void wake() noexcept = 0;

  /// Any thread: runs `task` on the loop. For rare things (HTTP answers, shutdown), not for
  /// messages.
  virtual void post(std::function<void()> task) = 0;

protected:
  ~socket_loop() = default;
};

/// What a loop runs once a turn besides its sockets, on its own thread: the mailbox of its actors.
class loop_work {
public:
  /// Handles a bounded number of messages; returns true when more are waiting.
  virtual bool run() = 0;

protected:
  ~loop_work() = default;
};

/// What the gateway may know of an upgrade request before it lets it in. Views are valid during the
/// call only.
struct upgrade_request {
  std::string_view target; ///< path and query as sent
  std::string_view origin;
  std::string_view user_agent;
  std::string_view subprotocols; ///< as offered: comma separated
  std::string_view peer_address;
  bool tls = false;
};

/// A refusal before the upgrade: an HTTP status, a sentence, and seconds for Retry-After (0 =
/// none).
struct refusal {
  int status = 503;
  std::string sentence;
  std::uint32_t retry_after_s = 0;
};

/// How the socket layer asks whether, and to whom, a socket belongs. Called on the loop that
/// accepted it.
class socket_gateway {
public:
  /// Before anything is allocated, before TLS. False = the loop answers 503 (or just closes) and
  /// forgets it. A true answer is balanced by exactly one `left`.
  virtual bool may_enter(std::string_view peer_address) = 0;
  virtual void left(std::string_view peer_address) = 0;

  /// Before the upgrade is answered. Returns the chosen subprotocol ("" = none), or a refusal.
  struct verdict {
    bool accepted = true;
    std::string_view subprotocol; ///< points to static storage
    refusal why_not;
  };
  virtual verdict judge(const upgrade_request& request) = 0;

  /// The socket is open. The returned handler gets all its events; never null.
  virtual socket_handler* open(socket_loop& loop, socket_id socket, const upgrade_request& request,
                               std::string_view subprotocol) = 0;

protected:
  ~socket_gateway() = default;
};

} // namespace argosy
