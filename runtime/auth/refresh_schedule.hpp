// refresh_schedule: when the key set is read again, and what to tell whoever waits for a key of it.
//
// Picture a librarian who is asked for a book that the catalogue does not have: "come again after
// the next delivery", and only who comes again after it is told that there is no such book. The set
// is read regularly, sooner after a failure, and for an unknown key as soon as the last read is a
// gap ago: strangers with invented key ids can neither make us hammer the identity provider nor
// have somebody sent away for good whose key is just new. Pure; `now` is an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace argosy::auth {

class refresh_schedule {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// So many unknown keys are remembered; who asks for more is told to come again.
  static constexpr std::size_t asked_max = 256;

  explicit refresh_schedule(duration interval, duration ask_gap = std::chrono::seconds{10})
      : interval_(interval), ask_gap_(ask_gap) {}

  /// A token named a key that is not in the set. True if it is worth coming again; false once a
  /// read that began after the key was first asked for has not brought it.
  bool ask(std::string_view key_id, time_point now) {
    const auto id = std::hash<std::string_view>{}(key_id);
    const auto known = asked_.find(id);
    if (known != asked_.end() && known->second < last_good_start_)
      return false;
    if (known == asked_.end() && asked_.size() < asked_max)
      asked_.emplace(id, now);
    if (!reading_)
      due_ = std::min(due_, std::max(now, last_start_ + ask_gap_));
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
    if (!good) {
      due_ = now + std::min(interval_, ask_gap_);
      return;
    }
    // Whoever was missing at the last good read has been told so for long enough.
    std::erase_if(asked_, [&](const auto& entry) { return entry.second < last_good_start_; });
    last_good_start_ = last_start_;
  }

private:
  duration interval_;
  duration ask_gap_;
  bool reading_ = false;
  time_point last_start_{};
  time_point last_good_start_{};
  time_point due_{};                                  ///< at first: long ago
  std::unordered_map<std::size_t, time_point> asked_; ///< by the hash of the key id: when first
};

} // namespace argosy::auth
