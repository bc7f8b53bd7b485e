// dedupe_window: remembers what was accepted under which idempotency key, so that a retry gets the
// same answer.
//
// Bounded twice: entries older than `age_max` and all but the newest `size_max` are forgotten.
// Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace argosy {

/// One entry of a window, on its way to another one.
struct remembered_key {
  std::string key;
  std::uint64_t offset = 0;
  std::chrono::steady_clock::time_point since{};
};

class dedupe_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  dedupe_window(std::size_t size_max, std::chrono::milliseconds age_max)
      : size_max_(size_max), age_max_(age_max) {}

  /// The offset that was accepted under `key`, if it is still remembered.
  std::optional<std::uint64_t> find(std::string_view key, time_point now);

  /// Remembers `key`; the caller has checked that it is new.
  void remember(std::string key, std::uint64_t offset, time_point now);

  /// Everything that is remembered, oldest first; and the way back, before anything else is.
  std::vector<remembered_key> content(time_point now);
  void adopt(std::vector<remembered_key> keys, time_point now);

  std::size_t size(time_point now) {
    forget(now);
    return order_.size();
  }

private:
  void forget(time_point now);

  struct entry {
    std::string key;
    time_point since;
  };
  std::size_t size_max_;
  std::chrono::milliseconds age_max_;
  std::deque<entry> order_;
  std::unordered_map<std::string, std::uint64_t> offsets_;
};

} // namespace argosy
