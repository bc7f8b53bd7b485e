#include "runtime/core/dedupe_window.hpp"

#include <utility>

namespace argosy {

void dedupe_window::forget(time_point now) {
  while (!order_.empty() && (order_.size() > size_max_ || now - order_.front().since >= age_max_)) {
    offsets_.erase(order_.front().key);
    order_.pop_front();
  }
}

std::optional<std::uint64_t> dedupe_window::find(std::string_view key, time_point now) {
  forget(now);
  const auto found = offsets_.find(std::string{key});
  return found == offsets_.end() ? std::nullopt : std::optional{found->second};
}

void dedupe_window::remember(std::string key, std::uint64_t offset, time_point now) {
  offsets_.emplace(key, offset);
  order_.push_back({std::move(key), now});
  forget(now);
}

} // namespace argosy
