// route_buffer: what the router keeps for shards that are moving.
//
// Picture a doorman who holds the mail of tenants between two flats: in order, so much for each and
// so much in all, and nothing longer than a few seconds; then it goes back to the sender. Whatever
// is not held or does not fit is said at once: the caller answers retry_later. Pure; O(1) an item.
#pragma once

#include "runtime/cluster/linked_slots.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace argosy::cluster {

struct route_buffer_settings {
  std::size_t shard_bytes_max = 1 << 20;
  std::size_t node_bytes_max = 64 << 20;
  std::chrono::milliseconds hold_max{5000};
};

/// `Item` is what is held; it is moved in and out and must be default constructible.
template <class Item>
class route_buffer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What an item counts besides its bytes, so that empty ones are bounded, too.
  static constexpr std::size_t item_overhead = 128;

  explicit route_buffer(const route_buffer_settings& settings = {}) : settings_(settings) {}

  /// Takes `item` behind what is held for `shard`. False if it does not fit; then `item` is as it
  /// was.
  [[nodiscard]] bool hold(std::uint32_t shard, std::size_t bytes, Item&& item, time_point now) {
    const auto cost = bytes + item_overhead;
    const auto found = shards_.find(shard);
    const auto held = found == shards_.end() ? 0 : found->second.bytes;
    if (held + cost > settings_.shard_bytes_max || bytes_ + cost > settings_.node_bytes_max)
      return false;
    auto& of_shard = shards_[shard];
    const auto n = slots_.add({std::move(item), shard, cost, now + settings_.hold_max});
    slots_.template append<by_age>(all_, n);
    slots_.template append<by_shard>(of_shard.items, n);
    of_shard.bytes += cost;
    bytes_ += cost;
    ++size_;
    return true;
  }

  /// All that is held for `shard`, in order.
  std::vector<Item> release(std::uint32_t shard) {
    std::vector<Item> out;
    for (auto found = shards_.find(shard); found != shards_.end(); found = shards_.find(shard))
      out.push_back(take(found->second.items.first));
    return out;
  }

  /// Those of them that `wanted` picks, in order.
  template <class Predicate>
  std::vector<Item> release_if(std::uint32_t shard, Predicate&& wanted) {
    std::vector<Item> out;
    const auto found = shards_.find(shard);
    auto n = found == shards_.end() ? slots::none : found->second.items.first;
    while (n != slots::none) {
      const auto at = std::exchange(n, slots_.template next<by_shard>(n));
      if (wanted(std::as_const(slots_[at].item)))
        out.push_back(take(at));
    }
    return out;
  }

  /// What has been held for too long, oldest first, to be given back.
  std::vector<Item> expire(time_point now) {
    std::vector<Item> out;
    while (!all_.empty() && slots_[all_.first].until <= now)
      out.push_back(take(all_.first));
    return out;
  }

  std::optional<time_point> next_expiry() const noexcept {
    return all_.empty() ? std::nullopt : std::optional{slots_[all_.first].until};
  }
  bool holds(std::uint32_t shard) const { return shards_.contains(shard); }
  std::size_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return bytes_; } ///< overhead included

private:
  static constexpr std::size_t by_age = 0;
  static constexpr std::size_t by_shard = 1;
  struct held_item {
    Item item{};
    std::uint32_t shard = 0;
    std::size_t cost = 0;
    time_point until{};
  };
  using slots = linked_slots<held_item, 2>;
  struct held_shard {
    typename slots::queue items;
    std::size_t bytes = 0;
  };

  Item take(typename slots::slot_number n) {
    const auto found = shards_.find(slots_[n].shard);
    slots_.template unlink<by_age>(all_, n);
    slots_.template unlink<by_shard>(found->second.items, n);
    auto taken = slots_.remove(n);
    found->second.bytes -= taken.cost;
    bytes_ -= taken.cost;
    if (found->second.items.empty())
      shards_.erase(found);
    if (--size_ == 0)
      slots_.shrink();
    return std::move(taken.item);
  }

  route_buffer_settings settings_;
  slots slots_;
  typename slots::queue all_;
  std::unordered_map<std::uint32_t, held_shard> shards_;
  std::size_t bytes_ = 0;
  std::size_t size_ = 0;
};

} // namespace argosy::cluster
