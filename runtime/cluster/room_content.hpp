// room_content: all that a room is, on its way from one owner to the next.
//
// Picture the drawer of a desk that is carried to another office: what is in it is in order, and is
// put into the new desk before anybody sits down at it. A drawer that is too heavy goes in several
// boxes; each says whose it is, and they are filled and emptied in order. Values and pure
// functions.
#pragma once

#include "runtime/cluster/interest_set.hpp"
#include "runtime/core/address.hpp"
#include "runtime/core/dedupe_window.hpp"
#include "runtime/core/history.hpp"

#include <cstddef>
#include <vector>

namespace argosy::cluster {

struct room_content {
  address room;
  history_content past;
  std::vector<remembered_key> keys; ///< of the dedupe window, oldest first
  std::vector<interest_set::line> interest;

  /// Nothing that anybody could miss.
  bool blank() const noexcept {
    return past.position.offset == 0 && keys.empty() && interest.empty();
  }
};
using room_contents = std::vector<room_content>;

/// About so many bytes on a link.
std::size_t weight(const room_content& r) noexcept;

/// Boxes of about `bytes_max` each, at least one; what a room has may be spread over several, in
/// order. A single publication or key is never cut.
std::vector<room_contents> pack(room_contents rooms, std::size_t bytes_max);

/// Adds the next box of the same sender to what has been unpacked so far.
void unpack(room_contents& into, room_contents box);

} // namespace argosy::cluster
