// cluster_routes: the way to other nodes for the router and for rooms and users: who owns which
// shard, and how a message gets there.
//
// Picture the sorting table behind the switchboard: a letter for another ship is put into an
// envelope (encoded once, on the thread of whoever sent it) and laid into the tray of that ship's
// mail officer. Thread-safe; called by the router on any thread, and by membership with each view.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/cluster/placement.hpp"
#include "runtime/router.hpp"

#include <bitset>
#include <memory>
#include <mutex>

namespace argosy {

class cluster_routes final : public elsewhere, public other_nodes {
public:
  explicit cluster_routes(cluster_services& services) : cluster_(services) {}

  /// Points every shard at its owner in `v`.
  void follow(const cluster::view& v);

  /// A link to a member stands for the first time: what it owns can be reached.
  void met(const cluster::node_identity& who);

  // elsewhere
  void forward(place where, const address& to, routed_message what) override;

  // other_nodes
  const cluster::node_identity& self() const noexcept override { return cluster_.self(); }
  void fan(const cluster::interest_set& to, const address& room,
           const replica_message& what) override;
  void tell_replica(const cluster::node_identity& at, const address& room,
                    const replica_message& what) override;
  void order(const cluster::node_identity& at, const cluster::for_sessions& order) override;
  void want_presence(const cluster::node_identity& at, const presence_wanted& what) override;
  std::shared_ptr<const cluster::view> view() const override;
  std::shared_ptr<const cluster::placement> placement() const override;
  std::vector<std::pair<std::string, caf::strong_actor_ptr>> keepers() const override;
  bool ask_admin(const cluster::node_identity& at, const fleet_question& what) override;

private:
  using shard_set = std::bitset<shard_count>;

  place place_of(const cluster::node_identity* owner) const;
  shard_set point(const cluster::placement& by);
  void announce(const shard_set& moved);
  void bury(const cluster::view& before, const cluster::view& after);
  template <class Message>
  void tell_all(address_kind kind, const Message& message, const shard_set& of);

  cluster_services& cluster_;
  mutable std::mutex mutex_;
  std::shared_ptr<const cluster::view> view_;           // guarded by mutex_
  std::shared_ptr<const cluster::placement> placement_; // guarded by mutex_
};

} // namespace argosy
