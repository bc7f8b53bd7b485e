// salvage: what becomes of the rooms of a shard whose owner has died with them.
//
// Picture a logbook lost with its ship: every other ship has copied some of its last pages. Whoever
// keeps the book from now on lays the copies side by side, takes the one that goes furthest, and
// begins a new volume behind it. Nobody can say whether the lost ship had written one more page, so
// whoever has read the old volume no further than the copies go may read on in the new one; who has
// read a page that nobody copied is told that his place is lost.
//
// So continuity is proved by numbers alone: a position (old epoch, offset) goes on in the new epoch
// exactly up to the newest offset that was found (`history_content::ancestors`). Pure.
#pragma once

#include "runtime/cluster/room_content.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

namespace argosy::cluster {

/// The name of a room's epoch that begins under the view `no`: a later one has a greater number in
/// front, wherever it began. `token` keeps apart what begins in one view.
std::string epoch_name(std::uint64_t view_no, const std::string& token);

class salvage {
public:
  /// What a member has of some rooms: sealed by an earlier owner, or the ring of a replica.
  void take(room_contents found);

  /// Each room once, in a new epoch that goes on from the newest that was found. `next_epoch` names
  /// one for each room.
  room_contents finish(const std::function<std::string()>& next_epoch) &&;

private:
  std::unordered_map<address, room_content> rooms_;
};

} // namespace argosy::cluster
