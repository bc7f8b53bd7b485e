// cluster_routes: the way to other nodes for the router and for rooms and users: who owns which
// shard, how a message gets there, and what waits while a shard moves.
//
// Picture the sorting table behind the switchboard: a letter for another ship is put into an
// envelope (encoded once, on the thread of whoever sent it) and laid into the tray of that ship's
// mail officer. A letter for a shard between two ships is laid aside until its new place is known
// to be manned, and until the old one has sent back what it did not take. Thread-safe; called by
// the router on any thread, and by membership with each view.
//
// `mutex_` is held while letters are handed to the router or to links, never the other way round:
// what runs under the router's locks (making an actor) does not call here.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "actors/cluster/routed_letter.hpp"
#include "runtime/cluster/placement.hpp"
#include "runtime/cluster/relay_tree.hpp"
#include "runtime/cluster/shard_gate.hpp"
#include "runtime/router.hpp"

#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>

namespace argosy {

class cluster_routes final : public elsewhere, public other_nodes {
public:
  explicit cluster_routes(cluster_services& services) : cluster_(services) {}

  // -- from membership ----------------------------------------------------------------------------

  /// Points every shard at its owner in `v`; those of this node open when their host says so.
  void follow(const cluster::view& v);

  /// A link to a member stands for the first time: what it owns can be reached.
  void met(const cluster::node_identity& who);
  /// Its connection is gone, and with it the barriers that were to pass over it.
  void missed(const cluster::node_identity& who);

  // -- from the host of this node's shards --------------------------------------------------------

  /// From now on this node acts as the owner.
  void open(std::uint32_t shard);
  /// It does not any more, though the view that says so, `view_no`, is not known here yet.
  void close(std::uint32_t shard, std::uint64_t view_no);
  /// To be called every 50 ms or so.
  void tick(std::chrono::steady_clock::time_point now);

  // -- from links ---------------------------------------------------------------------------------

  /// Delivers what has come for an owner here, or keeps it until there is one. False if this node
  /// does not own the shard: `what` is as it was.
  /// `envelope` came over `link`, sent by view `view_no`.
  bool take_in(const address& to, routed_message& what, const caf::strong_actor_ptr& link,
               std::string_view envelope, std::uint64_t view_no);
  /// Passes on what `owner` has said to replicas of `room`, to those of its share.
  void relay(const cluster::node_identity& owner, const address& room, cluster::relay_fan what);
  /// What its owner, who knows view `view_no`, has not taken.
  void came_back(routed_letter letter, std::uint64_t view_no);
  /// All that was sent to `from` before the barrier of that view has been taken or has come back.
  void barrier_passed(const cluster::node_identity& from, std::uint64_t view_no);
  /// True if that peer owns the shard in the view that this node acts by.
  bool owns(place peer, std::uint32_t shard) const noexcept {
    return owners_[shard].load(std::memory_order_acquire) == peer;
  }

  // elsewhere
  void forward(place where, const address& to, routed_message what) override;

  // other_nodes
  const cluster::node_identity& self() const noexcept override { return cluster_.self(); }
  std::uint64_t view_no() const noexcept override { return cluster_.view_no.load(); }
  void fan(const cluster::interest_set& to, const address& room,
           const replica_message& what) override;
  void fan(const std::vector<cluster::relay_branch>& to, const address& room,
           const relayed_publication& what) override;
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
  shard_set turn(const cluster::placement* before, const cluster::placement& after,
                 std::set<cluster::node_identity>& barriers);
  void send_foreign_back(const shard_set& moved);
  void point(std::uint32_t shard);
  void open_those_clear();
  void post(peer& by, const address& to, const routed_message& what);
  void post_to(const cluster::node_identity& node, const post_envelope& what);
  void send(routed_letter letter);
  void hold(routed_letter letter);
  void announce(const shard_set& moved);
  void bury(const cluster::view& before, const cluster::view& after);
  template <class Message>
  void tell_all(address_kind kind, const Message& message, const shard_set& of);

  cluster_services& cluster_;
  std::shared_mutex posting_; ///< whoever posts to the owner of a shard shares it
  mutable std::mutex mutex_;
  std::shared_ptr<const cluster::view> view_;           // guarded by mutex_
  std::shared_ptr<const cluster::placement> placement_; // guarded by mutex_
  cluster::shard_gate<routed_letter> gate_;             // guarded by mutex_
  /// By the view alone; the router's table says "nowhere" where a gate is shut. Written under
  /// mutex_.
  std::array<std::atomic<place>, shard_count> owners_{};
};

} // namespace argosy
