#include "runtime/core/dedupe_window.hpp"

#include <algorithm>
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

std::vector<remembered_key> dedupe_window::content(time_point now) {
  forget(now);
  std::vector<remembered_key> out;
  out.reserve(order_.size());
  for (const auto& e : order_)
    out.push_back({e.key, offsets_.at(e.key), e.since});
  return out;
}

void dedupe_window::adopt(std::vector<remembered_key> keys, time_point now) {
  for (auto& k : keys)
    if (offsets_.emplace(k.key, k.offset).second)
      order_.push_back({std::move(k.key), std::min(k.since, now)});
  forget(now);
}

} // namespace argosy
