// other_nodes: what rooms, users and presence may ask of the rest of the fleet, besides routing.
//
// A port: on a node alone there is none. Any thread; nothing blocks, nothing is answered.
#pragma once

#include "runtime/cluster/interest_set.hpp"
#include "runtime/node_message.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace argosy {

namespace cluster {
class placement;
struct relay_branch;
struct view;
} // namespace cluster

class other_nodes {
public:
  virtual const cluster::node_identity& self() const noexcept = 0;
  /// The newest view that this node acts by; 0 before the first.
  virtual std::uint64_t view_no() const noexcept = 0;

  /// To the replicas of `room` on the interested nodes: encoded once, one envelope a node. Ordered
  /// with all else that this room says to that node.
  virtual void fan(const cluster::interest_set& to, const address& room,
                   const replica_message& what) = 0;
  /// The same by way of the nodes that head the branches, each of which tells its share. Ordered
  /// with nothing but itself, as long as the tree is the same.
  virtual void fan(const std::vector<cluster::relay_branch>& to, const address& room,
                   const relayed_publication& what) = 0;
  virtual void tell_replica(const cluster::node_identity& at, const address& room,
                            const replica_message& what) = 0;

  /// To the connections of `order` that are on that node.
  virtual void order(const cluster::node_identity& at, const cluster::for_sessions& order) = 0;

  /// To the presence agent of that node, from a tracker of this one.
  virtual void want_presence(const cluster::node_identity& at, const presence_wanted& what) = 0;

  // -- for the admin ------------------------------------------------------------------------------

  /// What this node acts by; null before the first view.
  virtual std::shared_ptr<const cluster::view> view() const = 0;
  virtual std::shared_ptr<const cluster::placement> placement() const = 0;

  /// The actors that keep the cluster together here, by role: "membership", "mesh", "link/NAME".
  virtual std::vector<std::pair<std::string, caf::strong_actor_ptr>> keepers() const = 0;

  /// To the admin of that node; the answer goes to the question's origin, or errc::retry_later.
  /// False if no link leads there.
  virtual bool ask_admin(const cluster::node_identity& at, const fleet_question& what) = 0;

protected:
  ~other_nodes() = default;
};

} // namespace argosy
