// settings: every knob of the socket layer. The composition root fills it from the config.
#pragma once

#include "runtime/core/address_range.hpp"
#include "runtime/core/lane.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace argosy::net {

/// An address to listen on. With port 0 the kernel picks one; all loops share it.
struct endpoint {
  std::string address = "127.0.0.1"; ///< an IPv4 or IPv6 address, not a name
  std::uint16_t port = 0;
  bool tls = false;
};

enum class io_uring_mode : std::uint8_t {
  automatic, ///< batches of sends through a ring where the kernel allows one
  off,
};

struct settings {
  std::vector<endpoint> endpoints{endpoint{}};

  /// Event loops; 0 = one a core, more when the descriptor limit is too small for
  /// `connections_max` (then each loop gets a private descriptor table).
  std::uint32_t loops = 0;

  /// Sockets of all loops together; beyond, newcomers are turned away before anything is allocated.
  /// 0 = what one loop a core can hold.
  std::uint32_t connections_max = 0;

  /// Connections of one loop that are still in TLS or in their HTTP request. At the cap the loop
  /// stops accepting until some have finished; the backlog holds the rest.
  std::uint32_t handshakes_max = 1024;
  int backlog = 4096;

  /// Who comes from here is a proxy: it says first whose connection it carries (PROXY protocol,
  /// versions 1 and 2), before TLS, and is turned away if it does not. Of others no such header is
  /// accepted.
  std::vector<address_range> proxies;

  /// From accept, or from the first byte of a later HTTP request, to the end of the request.
  std::chrono::milliseconds handshake_deadline{8000};

  /// The pause between two HTTP requests that clients are promised; whole seconds. Pausing
  /// connections do not count as handshakes.
  std::chrono::seconds http_idle_timeout{60};

  /// How long a closing socket may wait for the peer's close frame, or for it to read.
  std::chrono::milliseconds close_deadline{5000};

  /// What open sockets are told when the server stops.
  std::uint16_t stop_code = 1001;
  std::string stop_reason = "going away";

  /// How long a peer may stall inside a frame or a fragmented message.
  std::chrono::milliseconds progress_deadline{20'000};

  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds pong_timeout{8000}; ///< below `ping_interval`

  std::size_t message_bytes_max = 64 << 10; ///< of a WebSocket message, inflated; beyond: 1009
  std::size_t header_bytes_max = 8 << 10;   ///< of an HTTP request; beyond: 431
  std::size_t body_bytes_max = 1 << 20;     ///< of an HTTP request; beyond: 413

  outbound_limits outbound;

  /// Unsent bytes the kernel may hold for one socket (TCP_NOTSENT_LOWAT). A stopped reader pins
  /// this much kernel memory and its receive window; the rest waits in the outbound queue.
  int kernel_unsent_bytes_max = 16 << 10;

  /// Peers of one loop that may be inside a frame at the same time; each holds 3.3 KiB and its
  /// unfinished message. At the cap the one that has stalled longest is closed.
  std::uint32_t engines_bound_max = 4096;

  bool compression = false; ///< negotiate permessage-deflate
  io_uring_mode io_uring = io_uring_mode::automatic;

  std::string websocket_path = "/connection/websocket";
  bool echo = false;                ///< debug: "/echo" sends every message back
  std::string tls_certificate_file; ///< PEM chain; needed when an endpoint has `tls`
  std::string tls_key_file;         ///< PEM

  /// Tests only: private descriptor tables even where the limit does not demand them.
  bool force_private_descriptors = false;
};

} // namespace argosy::net
