// loop_stats: what one loop has done, counted by the loop and readable from any thread.
//
// Each counter has one writer, so counting is a load and a store without a lock prefix. Readers see
// each figure whole, not all figures of one instant.
#pragma once

#include "runtime/core/lane.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace argosy::net {

/// A figure with one writing thread.
class counter {
public:
  void add(std::uint64_t n = 1) noexcept { set(value() + n); }
  void subtract(std::uint64_t n = 1) noexcept { set(value() - n); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  void raise_to(std::uint64_t n) noexcept {
    if (n > value())
      set(n);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

enum class reject_reason : std::uint8_t {
  gateway,      ///< socket_gateway::may_enter said no
  connections,  ///< connections_max
  descriptors,  ///< EMFILE or ENFILE
  proxy_header, ///< a proxy did not say whom it carries
  count_
};

enum class close_class : std::uint8_t {
  normal,       ///< 1000, 1001
  protocol,     ///< 1002-1015 but 1006
  abnormal,     ///< 1006: gone without a close frame
  reconnect,    ///< 3000-3499, 4000-4499
  no_reconnect, ///< 3500-3999, 4500-4999
  count_
};

constexpr close_class class_of(std::uint16_t close_code) noexcept {
  if (close_code == 1000 || close_code == 1001)
    return close_class::normal;
  if (close_code == 1006)
    return close_class::abnormal;
  if (close_code < 3000)
    return close_class::protocol;
  return close_code % 1000 < 500 ? close_class::reconnect : close_class::no_reconnect;
}

struct loop_stats {
  counter accepted;
  counter open_sockets;    ///< gauge: accepted and not yet gone, in whatever phase
  counter open_websockets; ///< gauge
  counter handshaking;     ///< gauge: in a PROXY header, in TLS or in an HTTP request
  counter upgrades;
  counter upgrades_refused;
  counter http_requests;
  counter deadlines; ///< closed by the handshake, progress or close deadline
  std::array<counter, static_cast<std::size_t>(reject_reason::count_)> rejected;
  std::array<counter, static_cast<std::size_t>(close_class::count_)> closed;

  counter bytes_in;
  counter bytes_out;
  counter messages_in;
  counter frames_out;  ///< deliveries: frames that have left completely
  counter write_calls; ///< send, sendmsg, or one entry of a ring batch
  counter ring_batches;
  counter write_blocked; ///< EAGAIN or a partial write
  counter queued_bytes;  ///< gauge: bytes waiting for peers to read, sampled once a tick
  std::array<counter, lane_count> conflated;
  std::array<counter, lane_count> dropped;
  counter refused_slow;

  counter tls_handshakes;
  counter tls_failed;
  counter tls_resumed;

  counter engines_bound; ///< gauge
  counter engines_made;
  counter engines_evicted;

  counter turns;
  counter turn_us_max;
  counter turn_us_smoothed; ///< exponentially weighted, 1/16
};

} // namespace argosy::net
