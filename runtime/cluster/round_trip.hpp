// round_trip: how long an answer of one peer may take, learnt from those that came: RFC 6298,
// section 2, in integers. Pure.
#pragma once

#include <algorithm>
#include <chrono>

namespace argosy::cluster {

class round_trip {
public:
  using duration = std::chrono::microseconds;

  void sample(duration took) noexcept {
    took = std::max(took, duration{0});
    if (!seen_) {
      smoothed_ = took;
      variation_ = took / 2;
      seen_ = true;
      return;
    }
    const auto off = took > smoothed_ ? took - smoothed_ : smoothed_ - took;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * smoothed_ + took) / 8;
  }

  duration smoothed() const noexcept { return smoothed_; }

  /// srtt + 4 rttvar, not less than `least` nor more than `most`.
  duration timeout(duration least, duration most) const noexcept {
    return std::clamp(smoothed_ + 4 * variation_, least, most);
  }

private:
  duration smoothed_{0};
  duration variation_{0};
  bool seen_ = false;
};

} // namespace argosy::cluster
