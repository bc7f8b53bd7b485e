// relay_tree: how a hot room's publication reaches many nodes in two steps instead of one.
//
// Up to a threshold the owner tells every node itself. Beyond, it tells about sqrt(n) relays, and
// each of them tells its share, so the owner's work grows with sqrt(n). Who relays is drawn anew
// for each room and view, so that not the same nodes carry every hot room. The owner alone decides
// and sends each relay its share along, but the draw is deterministic all the same. Pure.
#pragma once

#include "runtime/cluster/member.hpp"
#include "runtime/cluster/stable_hash.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace argosy::cluster {

struct relay_settings {
  std::size_t direct_max = 16; ///< so many nodes are told one by one
};

/// A node that the owner tells, and those that it tells in turn.
struct relay_branch {
  node_identity node;
  std::vector<node_identity> share;

  friend bool operator==(const relay_branch&, const relay_branch&) = default;
};

/// Every one of `nodes` once; shares differ by one at most. The order of `nodes` does not matter.
/// `room` is its address's hash. O(n log n).
inline std::vector<relay_branch> relay_tree(const std::vector<node_identity>& nodes,
                                            std::uint64_t room, std::uint64_t view_no,
                                            const relay_settings& settings = {}) {
  const auto draw = stable_hash(room, view_no);
  std::vector<std::pair<std::uint64_t, node_identity>> drawn;
  drawn.reserve(nodes.size());
  for (const auto& node : nodes)
    drawn.emplace_back(stable_hash(draw, std::hash<node_identity>{}(node)), node);
  std::sort(drawn.begin(), drawn.end());

  std::size_t relays = drawn.size();
  if (drawn.size() > settings.direct_max)
    for (relays = 1; relays * relays < drawn.size();)
      ++relays;
  std::vector<relay_branch> out(relays);
  for (std::size_t i = 0; i < drawn.size(); ++i)
    if (i < relays)
      out[i].node = std::move(drawn[i].second);
    else
      out[i % relays].share.push_back(std::move(drawn[i].second));
  return out;
}

} // namespace argosy::cluster
