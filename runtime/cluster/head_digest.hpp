// head_digest: how far each room is, so that a replica finds out that it missed the last message.
//
// A gap in the middle shows by the next publication; one at the end shows by nothing. So an owner
// sends every interested node, each few seconds, the heads of the rooms that it sends there, in
// pages; and the node compares. A page covers a range of names, so it also shows which rooms the
// owner does not send at all. Values and pure functions.
#pragma once

#include "runtime/core/publication.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::cluster {

struct head_digest_settings {
  std::chrono::milliseconds interval{5000};
  std::size_t page_heads_max = 512;
  std::size_t page_bytes_max = 32 << 10; ///< of names and epochs; at least one head a page
};

struct room_head {
  std::string room; ///< the text of its address
  stream_position position;

  friend bool operator==(const room_head&, const room_head&) = default;
};

/// The heads of all rooms with `after` < name, up to the last one listed, or all of the rest.
struct head_page {
  std::string after;
  bool last = false;
  std::vector<room_head> heads; ///< sorted by room

  friend bool operator==(const head_page&, const head_page&) = default;
};

/// `heads` may come in any order, each room once. At least one page, so that "none" is said, too.
std::vector<head_page> pages_of(std::vector<room_head> heads,
                                const head_digest_settings& settings = {});

struct head_difference {
  enum class what : std::uint8_t {
    behind,      ///< same epoch: fetch (ours, theirs]
    other_epoch, ///< the history here is not the owner's: start anew
    ahead,       ///< same epoch: a publication overtook the digest; twice in a row, start anew
    unknown,     ///< not wanted here: retract
    unlisted,    ///< wanted here, and the owner does not know: declare again
  };
  what kind{};
  std::string room;
  stream_position theirs; ///< empty when unlisted
  stream_position ours;   ///< empty when unknown

  friend bool operator==(const head_difference&, const head_difference&) = default;
};

/// `ours` are the heads of the replicas here whose owner sent `page`, sorted by room; those outside
/// of the page's range are passed over. O(page + log ours).
std::vector<head_difference> compare(const head_page& page, const std::vector<room_head>& ours);

/// False for a page off the wire that is not sorted, or leaves its range.
bool well_formed(const head_page& page) noexcept;

} // namespace argosy::cluster
