// interest_set: which nodes want a room's publications, as the room's owner knows it.
//
// Picture a list of subscribers that each may only change its own line, and signs every change with
// the next number: a cancellation that comes late by post cannot undo a newer order, nor the other
// way round. So a line that was cancelled stays for a while, with its number. Most rooms have one
// to three lines: a sorted vector. Pure; O(n), n = nodes.
#pragma once

#include "runtime/cluster/member.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace argosy::cluster {

class interest_set {
public:
  struct line {
    node_identity node;
    std::uint64_t version = 0; ///< the node's own count of changes to its interest in this room
    bool wanted = false;

    friend bool operator==(const line&, const line&) = default;
  };

  /// So many cancelled lines are kept at least; beyond, and beyond the wanted ones, the first go.
  /// A declare that is late by that much costs one needless copy until it is retracted again.
  static constexpr std::size_t cancelled_max = 8;

  /// True if the set of nodes has changed. A newer incarnation of a name replaces the older.
  bool declare(const node_identity& node, std::uint64_t version) {
    return take({node, version, true});
  }
  bool retract(const node_identity& node, std::uint64_t version) {
    return take({node, version, false});
  }
  /// What another owner of the room knew, line by line.
  bool take(const line& news);

  /// That incarnation of the node is over, and with it every older one. True if the set of nodes
  /// has changed.
  bool drop(const node_identity& node);

  bool wants(const node_identity& node) const noexcept;
  std::size_t size() const noexcept { return wanted_; }
  bool empty() const noexcept { return wanted_ == 0; }
  /// Grows with each change of the set of nodes.
  std::uint64_t revision() const noexcept { return revision_; }

  /// The nodes in order of name.
  std::vector<node_identity> nodes() const;
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& l : lines_)
      if (l.wanted)
        visit(l.node);
  }
  /// Everything, cancelled lines too, for the next owner.
  const std::vector<line>& lines() const noexcept { return lines_; }

private:
  std::vector<line> lines_; ///< sorted by name, one each
  std::size_t wanted_ = 0;
  std::uint64_t revision_ = 0;
};

} // namespace argosy::cluster
