#include "runtime/core/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace argosy {

timer_wheel::timer_wheel(std::size_t buckets) : buckets_(std::bit_ceil(buckets)) {
}

void timer_wheel::set(timer t) {
  // Signed distance: ticks wrap after 13 years of 100 ms, and a tick in the past must still come.
  if (static_cast<std::int32_t>(t.due_tick - hand_) <= 0)
    t.due_tick = hand_ + 1;
  buckets_[t.due_tick & (buckets_.size() - 1)].push_back(t);
  ++size_;
}

// After a long pause the hand skips whole revolutions, so "due" means at or before this tick.
void timer_wheel::take_due(std::uint32_t tick) {
  auto& bucket = buckets_[tick & (buckets_.size() - 1)];
  const auto later = std::partition(bucket.begin(), bucket.end(), [tick](const timer& t) {
    return static_cast<std::int32_t>(t.due_tick - tick) > 0;
  });
  due_.assign(later, bucket.end());
  bucket.erase(later, bucket.end());
  size_ -= due_.size();
}

} // namespace argosy
