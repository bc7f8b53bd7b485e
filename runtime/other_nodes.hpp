// other_nodes: what rooms, users and presence may ask of the rest of the fleet, besides routing.
//
// A port: on a node alone there is none. Any thread; nothing blocks, nothing is answered.
#pragma once

#include "runtime/cluster/interest_set.hpp"
#include "runtime/node_message.hpp"

namespace argosy {

class other_nodes {
public:
  virtual const cluster::node_identity& self() const noexcept = 0;

  /// To the replicas of `room` on the interested nodes: encoded once, one envelope a node. Ordered
  /// with all else that this room says to that node.
  virtual void fan(const cluster::interest_set& to, const address& room,
                   const replica_message& what) = 0;
  virtual void tell_replica(const cluster::node_identity& at, const address& room,
                            const replica_message& what) = 0;

  /// To the connections of `order` that are on that node.
  virtual void order(const cluster::node_identity& at, const cluster::for_sessions& order) = 0;

  /// To the presence agent of that node, from a tracker of this one.
  virtual void want_presence(const cluster::node_identity& at, const presence_wanted& what) = 0;

protected:
  ~other_nodes() = default;
};

} // namespace argosy
