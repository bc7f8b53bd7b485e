// shard_gate: which shards nothing may be sent to right now, why, and what waits before them.
//
// Picture the gate of a ferry berth. It is shut while the boat is away, while a boat of the old
// line may still bring passengers back, or for a moment when somebody was sent back without a word.
// Those who come back stand in front of those who came since, and all in the order in which they
// came. When nothing speaks against it any more, the gate opens once and lets all of them go.
//
// So what one sender sends to one shard keeps its order while the shard moves: what the old owner
// has not taken returns before the barrier that was sent behind it (view_barrier), and only then
// does anything go to the new one. Bounded by route_buffer. Pure; `now` is an argument.
#pragma once

#include "runtime/cluster/member.hpp"
#include "runtime/cluster/route_buffer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

namespace argosy::cluster {

template <class Item>
class shard_gate {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// An owner that neither passes a barrier nor is declared dead is not waited for any longer.
  static constexpr std::chrono::milliseconds barrier_patience{5'000};

  // -- why a gate is shut -------------------------------------------------------------------------

  /// The owner cannot take anything yet: it has not the shard's content, or no link leads there.
  void await_owner(std::uint32_t shard) { shut_[shard].owner = true; }
  void owner_ready(std::uint32_t shard) {
    clear(shard, [](closure& c) { c.owner = false; });
  }

  /// `old_owner` may send back what went there before the barrier of that view.
  void await_barrier(std::uint32_t shard, const node_identity& old_owner, std::uint64_t view_no,
                     time_point now) {
    auto& barriers = shut_[shard].barriers;
    std::erase_if(barriers, [&](const barrier& b) { return b.of == old_owner; });
    barriers.push_back({old_owner, view_no, now + barrier_patience});
  }
  /// It has passed, and with it all of earlier views.
  void barrier_passed(const node_identity& old_owner, std::uint64_t view_no) {
    clear_all([&](closure& c) {
      std::erase_if(c.barriers,
                    [&](const barrier& b) { return b.of == old_owner && b.view_no <= view_no; });
    });
  }

  /// The owner is only known to those who act by that view.
  void await_view(std::uint32_t shard, std::uint64_t no) {
    auto& c = shut_[shard];
    c.view_no = std::max(c.view_no, no);
  }
  void view_is(std::uint64_t no) {
    clear_all([&](closure& c) {
      if (c.view_no <= no)
        c.view_no = 0;
    });
  }

  void await_moment(std::uint32_t shard, time_point until) { shut_[shard].until = until; }

  /// Time has passed.
  void tick(time_point now) {
    clear_all([&](closure& c) {
      if (c.until <= now)
        c.until = {};
      std::erase_if(c.barriers, [&](const barrier& b) { return b.until <= now; });
    });
  }

  bool shut(std::uint32_t shard) const { return shut_.contains(shard); }
  bool all_open() const noexcept { return shut_.empty(); }
  std::size_t shut() const noexcept { return shut_.size(); }

  /// Those that have opened since the last call: `release` them, in any order.
  std::vector<std::uint32_t> take_open() { return std::exchange(open_, {}); }

  // -- what waits ---------------------------------------------------------------------------------

  /// False if there is no room; then `item` is as it was.
  [[nodiscard]] bool hold(std::uint32_t shard, std::size_t bytes, Item&& item, time_point now) {
    return came_.hold(shard, bytes, std::move(item), now);
  }
  /// The same for what an owner has sent back.
  [[nodiscard]] bool hold_returned(std::uint32_t shard, std::size_t bytes, Item&& item,
                                   time_point now) {
    return returned_.hold(shard, bytes, std::move(item), now);
  }

  std::vector<Item> release(std::uint32_t shard) {
    return both(returned_.release(shard), came_.release(shard));
  }
  /// Those who have come, and whom `wanted` picks: the gate stays as it is.
  template <class Predicate>
  std::vector<Item> turn_away(std::uint32_t shard, Predicate&& wanted) {
    return came_.release_if(shard, wanted);
  }
  /// What has waited for too long, to be given back.
  std::vector<Item> expire(time_point now) {
    return both(returned_.expire(now), came_.expire(now));
  }

  std::size_t waiting() const noexcept { return returned_.size() + came_.size(); }
  std::size_t waiting_bytes() const noexcept { return returned_.bytes() + came_.bytes(); }

private:
  struct barrier {
    node_identity of;
    std::uint64_t view_no = 0;
    time_point until{};
  };
  struct closure {
    bool owner = false;
    std::vector<barrier> barriers; ///< one for each owner that it had while it was shut
    std::uint64_t view_no = 0;
    time_point until{};

    bool over() const noexcept {
      return !owner && barriers.empty() && view_no == 0 && until == time_point{};
    }
  };
  using closures = std::unordered_map<std::uint32_t, closure>;

  template <class Change>
  closures::iterator change(closures::iterator at, Change&& by) {
    by(at->second);
    if (!at->second.over())
      return std::next(at);
    open_.push_back(at->first);
    return shut_.erase(at);
  }
  template <class Change>
  void clear(std::uint32_t shard, Change&& by) {
    if (const auto found = shut_.find(shard); found != shut_.end())
      change(found, by);
  }
  template <class Change>
  void clear_all(Change&& by) {
    for (auto at = shut_.begin(); at != shut_.end();)
      at = change(at, by);
  }

  static std::vector<Item> both(std::vector<Item> first, std::vector<Item> then) {
    first.insert(first.end(), std::make_move_iterator(then.begin()),
                 std::make_move_iterator(then.end()));
    return first;
  }

  closures shut_;
  std::vector<std::uint32_t> open_;
  route_buffer<Item> returned_;
  route_buffer<Item> came_;
};

} // namespace argosy::cluster
