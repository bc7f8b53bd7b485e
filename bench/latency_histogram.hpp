// latency_histogram: counts of durations in buckets whose width grows with the value, as
// HdrHistogram does.
//
// Each power of two is cut into 64 equal steps, so a reported percentile is at most 1.6 % above the
// true one, at every scale from a nanosecond to an hour, in 20 KB. The counters are plain words
// written by one thread; `live_histogram` is the same table in shared memory, where the load
// generator's processes write and the controller reads while they run.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace argosy::bench {

/// Where a value falls and what a bucket stands for. Pure arithmetic.
struct histogram_scale {
  static constexpr unsigned step_bits = 6;
  static constexpr std::uint64_t steps = 1U << step_bits;
  static constexpr unsigned value_bits =
      42; ///< larger values (73 minutes in ns) count as the largest
  static constexpr std::size_t buckets = (value_bits - step_bits + 1) * steps;

  static std::size_t bucket_of(std::uint64_t value) noexcept;

  /// The largest value that falls into `bucket`.
  static std::uint64_t upper_bound(std::size_t bucket) noexcept;
};

/// A snapshot: what percentiles are read from. Snapshots add up and subtract, so that the figures
/// of one phase are the difference of two looks at a table that is never reset.
class latency_histogram {
public:
  void record(std::uint64_t value) noexcept { ++counts_[histogram_scale::bucket_of(value)]; }

  latency_histogram& operator+=(const latency_histogram& other) noexcept;
  latency_histogram& operator-=(const latency_histogram& earlier) noexcept;

  std::uint64_t count() const noexcept;

  /// The value that `fraction` (0..1) of the samples do not exceed; 0 without samples.
  std::uint64_t percentile(double fraction) const noexcept;

private:
  friend class live_histogram;
  std::array<std::uint64_t, histogram_scale::buckets> counts_{};
};

/// One writer, any number of readers, in memory that processes share.
class live_histogram {
public:
  void record(std::uint64_t value) noexcept {
    auto& slot = counts_[histogram_scale::bucket_of(value)];
    slot.store(slot.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  latency_histogram snapshot() const noexcept;

private:
  std::array<std::atomic<std::uint64_t>, histogram_scale::buckets> counts_{};
};

} // namespace argosy::bench
