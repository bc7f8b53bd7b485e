// refresh_schedule: when the key set is read again. Pure; `now` is an argument.
//
// Regularly; sooner after a failure; and at once when a token names an unknown key, but then at
// most once per gap, so that strangers with invented key ids cannot make us hammer the identity
// provider.
#pragma once

#include <algorithm>
#include <chrono>

namespace argosy::auth {

class refresh_schedule {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  explicit refresh_schedule(duration interval, duration ask_gap = std::chrono::seconds{10})
      : interval_(interval), ask_gap_(ask_gap) {}

  /// A token named an unknown key. True if a read is under way or will begin now: worth coming
  /// again.
  bool ask(time_point now) {
    if (reading_ || now >= due_)
      return true;
    if (now < last_start_ + ask_gap_)
      return false;
    due_ = now;
    return true;
  }

  time_point due() const noexcept { return due_; }

  void started(time_point now) {
    reading_ = true;
    last_start_ = now;
    due_ = now + interval_;
  }

  void finished(time_point now, bool good) {
    reading_ = false;
    if (!good)
      due_ = now + std::min(interval_, ask_gap_);
  }

private:
  duration interval_;
  duration ask_gap_;
  bool reading_ = false;
  time_point last_start_{};
  time_point due_{}; ///< at first: long ago
};

} // namespace argosy::auth
