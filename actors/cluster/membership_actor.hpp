// membership_actor: which view this node acts by, and what it does to stay in it; one a node.
//
// Picture a ship's first officer: he signs on with the harbour, renews the permit to sail twice a
// second, keeps watch over the ships he was given, and pins up each new crew list. On the few ships
// whose captains vote he also sits in council; when his captain presides, he writes the lists. What
// he decides is decided by cores: `raft_node` in council, `leadership` when presiding, `lease` and
// `failure_detector` everywhere.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/cluster/failure_detector.hpp"
#include "runtime/cluster/joining.hpp"
#include "runtime/cluster/leadership.hpp"
#include "runtime/cluster/lease.hpp"
#include "runtime/cluster/succession.hpp"
#include "runtime/consensus/raft_node.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/link.hpp"
#include "runtime/messages/mesh.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace argosy {

/// To itself.
struct membership_tick {
  static constexpr std::chrono::milliseconds every{50};
};
/// Asked to drain: the view will say `leaving`.
struct leave_fleet {};

class membership_actor final : public strand_actor {
public:
  /// `council` is null on a node that does not vote.
  membership_actor(caf::actor_config& config, strand& home, cluster_services& services,
                   std::unique_ptr<consensus::raft_node> council);

  void receive(caf::mailbox_element& what) override;

private:
  using time_point = std::chrono::steady_clock::time_point;
  using identity = cluster::node_identity;

  /// What others are promised ends by this clock, and so do all waits here: the machine may have
  /// been suspended.
  time_point now() const { return cluster_.node.boot_clock(); }

  // -- what links and mesh report -----------------------------------------------------------------
  void reached(const peer_reached& m);
  void vanished(const peer_vanished& m);
  void refused(const peer_refused& m);
  void disliked(const greeting_refused& m);
  void heard(const probe_heard& m);
  void heard_of(const heard_of_view& m);
  void said(peer_said& m);

  // -- what others say (membership_talk.cpp) ------------------------------------------------------
  void hear(const identity& from, cluster::raft_rpc& m);
  void hear(const identity& from, cluster::join_cluster& m);
  void hear(const identity& from, const cluster::join_refused& m);
  void hear(const identity& from, const cluster::link_refused& m);
  void hear(const identity& from, const cluster::leave_cluster& m);
  void hear(const identity& from, const cluster::holds_nothing& m);
  void hear(const identity& from, cluster::view_decided& m);
  void hear(const identity& from, const cluster::view_wanted& m);
  void hear(const identity& from, const cluster::lease_wanted& m);
  void hear(const identity& from, const cluster::lease_granted& m);
  void hear(const identity& from, const cluster::accusation& m);
  void hear(const identity& from, const cluster::death_proof& m);
  void hear(const identity& from, const cluster::probe& m);
  void hear(const identity& from, const cluster::probe_answered& m);
  void hear(const identity& from, const cluster::probe_for_me& m);
  void hear(const identity& from, const cluster::target_heard& m);
  template <class T>
  void hear(const identity& from, const T& m);

  // -- the node's own life ------------------------------------------------------------------------
  void tick(const membership_tick& m);
  void leave(const leave_fleet& m);
  void keep_joined();
  void keep_lease();
  void show_lease();
  void watch();
  void call(const identity& target, std::uint64_t sequence);
  void alive(const identity& who);
  void take_for_alive(const identity& who);
  void believe_dead(const identity& who);
  void take_for_dead(const identity& who);
  void spread(const identity& dead, time_point since);
  void connection_lost(const identity& to);
  void tell_evidence();
  void adopt(cluster::view v);
  void tell_views_after(std::uint64_t have, const identity& to);
  void describe_to(const describe& m);

  // -- let in, let go, and in again (membership_lives.cpp) ----------------------------------------
  void look_at_joining();
  void end_life();
  void begin_life();
  void give_up(const std::string& why);
  void say_farewell();

  // -- council and presidency (membership_council.cpp) --------------------------------------------
  void run_council();
  void deliver_rpcs();
  void take_decisions();
  void publish(cluster::view v);
  void preside();
  void grant(const cluster::lease_wanted& m);
  bool presides() const noexcept { return leadership_ != nullptr; }

  // -- talking ------------------------------------------------------------------------------------
  template <class T>
  void say(const identity& to, const T& message);
  template <class T>
  void say_to_leader(const T& message);
  const identity* reachable(std::string_view name) const;
  bool connected(const identity& who) const;
  std::string_view council_leader() const;
  const identity* leader() const;

  static const std::array<message_row<membership_actor>, 10> table_;

  cluster_services& cluster_;
  std::unique_ptr<consensus::raft_node> council_;
  std::unique_ptr<cluster::leadership> leadership_; ///< while this node presides
  std::uint64_t leading_term_ = 0;
  bool marked_ = false;  ///< an entry of the leading term is under way
  bool founded_ = false; ///< an entry of the leading term is decided
  std::uint64_t proposed_no_ = 0;
  time_point proposed_at_{};

  cluster::view view_;
  std::deque<cluster::view> recent_views_; ///< without a hole, up to that one
  cluster::lease lease_;
  bool leased_ = false;
  cluster::failure_detector detector_;
  cluster::succession succession_;
  std::map<identity, time_point> dead_; ///< members that are known to have ended, and since when
  /// Members that others have proved dead, though a connection to them stands here, and when.
  std::map<identity, time_point> said_dead_;
  std::set<identity> accused_;              ///< members that this node accuses
  identity informed_;                       ///< the last leader that was told of both
  std::map<std::string, identity> reached_; ///< by name: whom a connection stands with
  std::string leader_name_;                 ///< who granted the last lease
  time_point next_renewal_{};
  time_point next_join_{};
  time_point granted_at_{};
  struct errand {
    identity for_whom;
    std::uint64_t sequence = 0;
    identity target;
  };
  std::map<std::uint64_t, errand> errands_; ///< probes made for others, by our sequence
  std::uint64_t errand_sequence_ = 0;
  std::uint64_t datagrams_heard_ = 0; ///< probes and answers that came beside the links
  bool leaving_ = false;
  cluster::joining joining_;
  time_point fenced_since_{}; ///< while there is no valid lease
  time_point last_rebirth_{};
  std::minstd_rand dither_;
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::membership_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::leave_fleet)
