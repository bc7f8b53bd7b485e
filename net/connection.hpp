// connection: what an accepted socket costs while nothing happens, one cache line.
//
// Type-stable: the memory of a record is never given back, only reused, and its generation tells
// the old tenant from the new one. Only its loop's thread touches it. Everything that is needed
// only while something is going on (engine, queue, HTTP request) hangs off it by pointer.
#pragma once

#include "runtime/core/frame.hpp"
#include "runtime/core/lane.hpp"
#include "runtime/socket.hpp"

#include <cstdint>

namespace argosy {
class outbound_queue;
}

namespace argosy::net {

class engine;
class http_exchange;
class tls_session;

/// The life of a socket; it only ever moves down this list, but that an answered HTTP request may
/// be followed by another one.
enum class phase : std::uint8_t {
  free,
  proxy_header, ///< a proxy has to say whose connection this is
  tls_handshake,
  request,   ///< reading an HTTP request
  answering, ///< the HTTP service has the request
  idle,      ///< between two HTTP requests
  open,      ///< a WebSocket
  closing,   ///< our close frame is queued or sent, the peer's has not come
  lingering, ///< what is queued goes out, what comes in is thrown away
  dead,      ///< freed at the end of the turn
};

struct connection {
  int fd = -1;
  phase state = phase::free;
  lane pending_lane = lane::control;
  std::uint16_t endpoint = 0;

  bool dirty : 1 = false;            ///< in the list of connections to flush
  bool blocked : 1 = false;          ///< the kernel has no room; EPOLLOUT resumes
  bool half_closed : 1 = false;      ///< the peer has sent its FIN, or worse
  bool rereading : 1 = false;        ///< in the list of connections to read once more this turn
  bool deflate : 1 = false;          ///< negotiated permessage-deflate
  bool pinged : 1 = false;           ///< on_ping_due was called, on_pong_due was not
  bool progressed : 1 = false;       ///< wrote something since its deadline was set
  bool answering_close : 1 = false;  ///< the close frame queued is the engine's, not our owner's
  bool finished_writing : 1 = false; ///< lingering: our FIN is out
  bool entered : 1 = false;          ///< the gateway let it in and hears when it leaves
  std::uint16_t close_code = 0;      ///< what we sent
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::uint32_t deadline_tick = 0; ///< 0 = none

  frame pending;                   ///< the only frame waiting; a second one makes a queue
  outbound_queue* queue = nullptr; ///< from the loop's pool, while more than `pending` waits
  engine* bound = nullptr;         ///< from the loop's pool, while bytes are in flight
  tls_session* tls = nullptr;
  union {
    socket_handler* handler = nullptr; ///< from `open` on
    http_exchange* exchange;           ///< from `request` to `idle`
  };

  socket_id id() const noexcept { return {slot, generation}; }
  bool before_open() const noexcept { return state < phase::open; }
};
static_assert(sizeof(connection) == 64);

} // namespace argosy::net
