#include "bench/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace argosy::bench {

std::size_t histogram_scale::bucket_of(std::uint64_t value) noexcept {
  constexpr std::uint64_t largest = (std::uint64_t{1} << value_bits) - 1;
  value = std::min(value, largest);
  if (value < steps)
    return static_cast<std::size_t>(value);
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
  return static_cast<std::size_t>(shift * steps + (value >> shift));
}

std::uint64_t histogram_scale::upper_bound(std::size_t bucket) noexcept {
  if (bucket < 2 * steps)
    return bucket;
  const auto shift = static_cast<unsigned>(bucket / steps) - 1;
  return ((bucket - shift * steps + 1) << shift) - 1;
}

latency_histogram& latency_histogram::operator+=(const latency_histogram& other) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i)
    counts_[i] += other.counts_[i];
  return *this;
}

latency_histogram& latency_histogram::operator-=(const latency_histogram& earlier) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i)
    counts_[i] -= earlier.counts_[i];
  return *this;
}

std::uint64_t latency_histogram::count() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t latency_histogram::percentile(double fraction) const noexcept {
  const auto total = count();
  if (total == 0)
    return 0;
  const auto exact = std::ceil(fraction * static_cast<double>(total));
  const auto rank = std::clamp(static_cast<std::uint64_t>(exact), std::uint64_t{1}, total);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if ((seen += counts_[i]) >= rank)
      return histogram_scale::upper_bound(i);
  return histogram_scale::upper_bound(counts_.size() - 1);
}

latency_histogram live_histogram::snapshot() const noexcept {
  latency_histogram copy;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    copy.counts_[i] = counts_[i].load(std::memory_order_relaxed);
  return copy;
}

} // namespace argosy::bench
