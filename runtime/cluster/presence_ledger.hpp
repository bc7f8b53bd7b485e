// presence_ledger: what one gateway has said about its own connections, and to whom.
//
// Picture a clerk's copy book: every letter to a tracker is entered before it leaves, so that it
// can be written out again for a tracker that has lost it or has just taken office. On a node alone
// nobody can lose a letter, so no copy is kept. Pure; used by the presence agent.
#pragma once

#include "runtime/cluster/presence_talk.hpp"
#include "runtime/core/presence_table.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace argosy::cluster {

class presence_ledger {
public:
  /// A page or a delta is full with so many entries or so many bytes of them.
  static constexpr std::size_t page_entries_max = 512;
  static constexpr std::size_t page_bytes_max = 256 << 10;

  explicit presence_ledger(bool keeps_copy) : keeps_copy_(keeps_copy) {}

  /// O(1). To be sent with the next `flush`.
  void note(const address& tracker, presence_change change);

  /// True when what waits fills a page.
  bool full() const noexcept {
    return waiting_ >= page_entries_max || waiting_bytes_ >= page_bytes_max;
  }

  template <class Message>
  using letters = std::vector<std::pair<address, Message>>;

  /// What has been noted since the last time, one delta a tracker.
  letters<presence_delta> flush();

  /// Until `release`, `flush` and `beats` leave the tracker out: a snapshot is on its way in parts,
  /// and what comes after it must not overtake it.
  void withhold(const address& tracker);
  void release(const address& tracker);

  /// All that is kept of the tracker, one page at least. Flush first.
  std::vector<presence_snapshot> snapshot(const address& tracker) const;

  /// One for each tracker with entries whose shard `wanted(shard)` picks. Flush first.
  template <class Wanted>
  letters<presence_beat> beats(Wanted&& wanted) const {
    letters<presence_beat> out;
    for (const auto& [tracker, s] : slots_)
      if (s.held.entries() > 0 && !s.withheld && wanted(tracker.shard()))
        out.push_back({tracker, presence_beat{{}, s.last, s.digest}});
    return out;
  }

  std::size_t trackers() const noexcept { return slots_.size(); }
  std::size_t entries() const noexcept { return entries_; }

private:
  struct slot {
    presence_table held;
    presence_digest digest;
    std::uint64_t last = 0; ///< number of the last letter; 0 = none since it was last empty
    std::vector<presence_change> waiting;
    bool withheld = false;
  };

  /// False if it says nothing new.
  bool keep(slot& s, const presence_change& change);

  bool keeps_copy_;
  std::unordered_map<address, slot> slots_;
  std::vector<address> dirty_; ///< trackers with something waiting
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::size_t entries_ = 0;
  std::uint64_t sequence_ = 0; ///< of all letters of this node
};

} // namespace argosy::cluster
