// node_metrics: the counters of the actors, written where things happen, read by /metrics.
//
// Counters of a loop have one writer, the loop's thread, so they cost a load and a store; the
// others are relaxed atomics. Readers see values that may be a moment old, never torn.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/protocol/dialect.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace argosy {

/// A counter with a single writing thread.
class local_counter {
public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// A counter that any thread may add to.
class shared_counter {
public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

/// Counts by powers of two of a microsecond: bucket i holds values below 2^i us. Single writer.
class latency_buckets {
public:
  static constexpr std::size_t size = 28; ///< the last bucket: everything from 67 s

  void record(std::chrono::nanoseconds value, std::uint64_t times) noexcept {
    const auto us = value.count() < 0 ? 0U : static_cast<std::uint64_t>(value.count() / 1000);
    const auto i = static_cast<std::size_t>(std::bit_width(us));
    buckets_[i < size ? i : size - 1].add(times);
    sum_us_.add(us * times);
  }
  std::uint64_t bucket(std::size_t i) const noexcept { return buckets_[i].get(); }
  std::uint64_t sum_us() const noexcept { return sum_us_.get(); }

private:
  std::array<local_counter, size> buckets_;
  local_counter sum_us_;
};

struct alignas(64) loop_metrics {
  local_counter deliveries;     ///< publications handed to a socket's queue
  local_counter commands;       ///< commands decoded
  local_counter command_errors; ///< answered with an error
  local_counter slow_closed;    ///< connections closed with 3008
  local_counter opened;         ///< sockets that became connections
  local_counter closed;         ///< of those, gone again
  std::array<local_counter, static_cast<std::size_t>(errc::count_)>
      closed_by;                    ///< our reason; none = the peer
  latency_buckets publish_to_write; ///< from the room's acceptance to the socket's queue
};

struct node_metrics {
  explicit node_metrics(std::size_t loop_count) : loops(loop_count) {}

  std::vector<loop_metrics> loops;
  std::array<shared_counter, dialect_count> speakers; ///< open connections per dialect
  shared_counter published;      ///< publications accepted by rooms of this node
  shared_counter deduplicated;   ///< publishes answered from the dedupe window
  shared_counter refused;        ///< publishes refused by a room
  shared_counter fans;           ///< messages from rooms to replicas: one per interested node
  shared_counter encoded;        ///< frames encoded for fan-out
  shared_counter actor_failures; ///< actors ended by an exception
};

} // namespace argosy
