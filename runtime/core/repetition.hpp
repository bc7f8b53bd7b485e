// repetition: keeps a log from saying one sentence over and over.
//
// Picture a lookout who sees the same rock each second: he calls it once, and again when the watch
// is over. Strangers can make up sentences, so only so many are remembered; while all of them are
// young, further ones are kept back. Pure; `now` is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace argosy {

class repetition {
public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t remembered_max = 64;

  /// True if `sentence` is to be said: it was not said before, or its pause is over. O(log n), but
  /// for a sentence too many.
  bool is_news(const std::string& sentence, time_point now, std::chrono::milliseconds pause) {
    if (const auto known = quiet_until_.find(sentence); known != quiet_until_.end()) {
      if (now < known->second)
        return false;
      known->second = now + pause;
      return true;
    }
    if (quiet_until_.size() >= remembered_max)
      std::erase_if(quiet_until_, [&](const auto& entry) { return now >= entry.second; });
    return quiet_until_.size() < remembered_max
           && quiet_until_.emplace(sentence, now + pause).second;
  }

private:
  std::map<std::string, time_point> quiet_until_;
};

/// The same for several threads.
class shared_repetition {
public:
  bool is_news(const std::string& sentence, repetition::time_point now,
               std::chrono::milliseconds pause) {
    const std::lock_guard guard{mutex_};
    return said_.is_news(sentence, now, pause);
  }

private:
  std::mutex mutex_;
  repetition said_;
};

} // namespace argosy
