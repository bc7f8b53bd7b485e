// placement: which member owns which shard in a view.
//
// Picture a raffle held for every shard: each member draws a number that depends on nothing but its
// name and the shard, and the best draw wins. Who joins wins some raffles, and nobody else changes;
// who leaves frees only what he had won. Nobody asks anybody: the same view gives the same owners
// on every node.
//
// Rendezvous hashing (Thaler, Ravishankar: "Using name-based mappings to increase hit rates", 1998)
// with the weights of Schindelhauer and Schomaker ("Weighted distributed hash tables", 2005): the
// smallest -log(u)/weight wins, and so each member wins in proportion to its weight. In integers
// only, so that two builds agree to the last bit. Pure; who calls it: router, shard_host.
#pragma once

#include "runtime/cluster/view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace argosy::cluster {

class placement {
public:
  using index = std::uint16_t;
  static constexpr index nobody = 0xFFFF;

  /// O(shards x members), about 10 ns each. Takes a view that passed `check`.
  explicit placement(const view& v);

  std::uint64_t view_no() const noexcept { return view_no_; }

  /// The owner's index in the members of the view, or `nobody`. Only a member that is up and has a
  /// weight owns anything; an override counts while its member is one of those.
  index owner_of(std::uint32_t shard) const noexcept { return owners_[shard]; }

  /// The same as an identity; null for nobody.
  const node_identity* owner(std::uint32_t shard) const noexcept {
    return owners_[shard] == nobody ? nullptr : &members_[owners_[shard]];
  }

  /// In ascending order; empty for a stranger.
  std::vector<std::uint32_t> shards_of(std::string_view name) const;

  /// Who owned it one view before, possibly an earlier life of the same name; null for nobody.
  /// Worked out when asked: O(members).
  const node_identity* previous_owner_of(std::uint32_t shard) const;

private:
  std::uint64_t view_no_;
  std::vector<node_identity> members_;
  std::vector<index> owners_; ///< one per shard
  placement_input previous_;
  std::vector<std::uint64_t> previous_seeds_;
};

/// What a member draws for a shard, before the weight: -log2(u), u in (0, 1], with 40 bits after
/// the point. For tests and for the scale model.
std::uint64_t rendezvous_draw(std::uint64_t name_hash, std::uint32_t shard) noexcept;

} // namespace argosy::cluster
