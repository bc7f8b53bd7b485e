// handoff_queue: which shards may move now: so many at a time, first come, first served.
//
// A node that joins or takes over for a dead one owns hundreds of shards at once; if all moved
// together, each would wait for all. Pure; O(1) but for `leave` of one that waits, which is O(n).
#pragma once

#include "runtime/core/address.hpp"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace argosy::cluster {

class handoff_queue {
public:
  explicit handoff_queue(std::size_t at_a_time = 64) : at_a_time_(at_a_time) {}

  /// `shard` wants its turn. One that waits keeps its place, one that moves begins anew at the end.
  void enter(std::uint32_t shard) {
    if (known_[shard] && !moving_[shard])
      return;
    moving_.reset(shard);
    known_.set(shard);
    waiting_.push_back(shard);
  }

  /// The next shard whose turn it is, if one may go. It holds its place until it leaves.
  std::optional<std::uint32_t> next() {
    if (waiting_.empty() || moving_.count() >= at_a_time_)
      return std::nullopt;
    const auto shard = waiting_.front();
    waiting_.pop_front();
    moving_.set(shard);
    return shard;
  }

  /// `shard` has moved, or wants to no longer.
  void leave(std::uint32_t shard) {
    if (!known_[shard])
      return;
    known_.reset(shard);
    if (!moving_[shard])
      waiting_.erase(std::find(waiting_.begin(), waiting_.end(), shard));
    moving_.reset(shard);
  }

  std::size_t waiting() const noexcept { return waiting_.size(); }
  std::size_t moving() const noexcept { return moving_.count(); }

private:
  std::size_t at_a_time_;
  std::deque<std::uint32_t> waiting_;
  std::bitset<shard_count> known_;
  std::bitset<shard_count> moving_;
};

} // namespace argosy::cluster
