// judge: reads the records of a run and says which promises it broke.
//
// What must hold under every fault is always demanded: one message at each place (P1), nobody
// skips or repeats in silence (P1), order of a publisher (P2), an acknowledgement that stays true
// while its epoch lives (P3), subscribers that are up to date once all is quiet (P4), one place for
// one idempotency key (P5), nothing that was not published, in no other room (P6, P7). What holds
// only under milder faults is asked for by `demands`. O(n log n) in the number of records.
#pragma once

#include "tests/checker/records.hpp"
#include "tests/checker/verdict.hpp"

namespace argosy::checker {

struct demands {
  /// No acknowledged publication is missing in the end.
  bool acked_kept = false;
  /// What was acknowledged and reached a subscriber is not forgotten.
  bool seen_kept = false;
  /// No subscriber that stays is told of a gap.
  bool no_gaps = false;
  /// Positions survive: no room begins a new epoch.
  bool one_epoch = false;
  /// What a publisher sends to a room enters it in that order (P2).
  bool publisher_order = true;
  /// Nothing is acknowledged in an epoch after a later one has begun.
  bool one_owner = true;
  /// Subscribers stand where their rooms stand when the run ends; off where a run ends in the
  /// middle.
  bool caught_up = true;
};

verdict judge(const chronicle& run, const demands& of);

} // namespace argosy::checker
