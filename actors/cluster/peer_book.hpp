// peer_book: the links of this node, found by a small number or by name, from any thread.
//
// Picture the row of speaking tubes on a bridge: each has a number that never changes while the
// ship sails, so the router's table can hold numbers. A node that comes back as a new incarnation
// gets a tube of its own.
#pragma once

#include "actors/cluster/link_figures.hpp"
#include "runtime/cluster/member.hpp"
#include "runtime/router.hpp"

#include <caf/actor_control_block.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <vector>

namespace argosy {

/// One other node. Immutable but for the counter of questions.
struct peer {
  cluster::node_identity id;
  caf::strong_actor_ptr link;
  std::shared_ptr<const link_figures> figures;
  place at = nowhere; ///< its number in the router's table
  std::atomic<std::uint32_t> questions{0};

  /// Never 0.
  std::uint32_t next_question() noexcept {
    auto n = questions.fetch_add(1, std::memory_order_relaxed) + 1;
    return n == 0 ? questions.fetch_add(1, std::memory_order_relaxed) + 1 : n;
  }
};
using peer_ptr = std::shared_ptr<peer>;

class peer_book {
public:
  /// The entry of that identity; makes it with `link` if there is none.
  peer_ptr add(const cluster::node_identity& id, caf::strong_actor_ptr link,
               std::shared_ptr<const link_figures> figures);

  /// Forgets it; its number is not used again.
  void remove(const cluster::node_identity& id);

  /// Forgets all; what is posted from then on goes nowhere.
  void clear();

  peer_ptr find(place at) const;
  peer_ptr find(const cluster::node_identity& id) const;
  std::vector<peer_ptr> all() const;

private:
  mutable std::shared_mutex mutex_;
  std::vector<peer_ptr> by_place_;
  std::map<cluster::node_identity, peer_ptr> by_id_;
};

} // namespace argosy
