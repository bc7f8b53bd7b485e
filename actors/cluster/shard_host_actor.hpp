// shard_host_actor: the shards of this node, each between "not ours" and "ours"; one a node.
//
// Picture the harbour office that keeps the log books of the ferry routes (`shard_lifecycle`). It
// fetches the book of each route that is ours from whoever kept it, puts the drawers into the desks
// (`room_content`) before it lets a passenger through the gate, and when a route is given away, it
// empties the desks first and keeps the drawers until their new owner has them. When a book was
// lost with its ship, it asks everybody what they have copied, and goes on from that (`salvage`).
//
// Hears views from the routes, the questions and answers of other hosts from links, and content
// from the rooms and replicas of its node. Which step is due is decided by one `shard_lifecycle` a
// shard; here they are carried out.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/cluster/handoff_queue.hpp"
#include "runtime/cluster/placement.hpp"
#include "runtime/cluster/salvage.hpp"
#include "runtime/cluster/shard_lifecycle.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/hosting.hpp"
#include "runtime/messages/link.hpp"
#include "runtime/messages/shards.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace argosy {

class cluster_routes;

class shard_host_actor final : public strand_actor {
public:
  shard_host_actor(caf::actor_config& config, strand& home, cluster_services& services,
                   cluster_routes& routes);

  void receive(caf::mailbox_element& what) override;

private:
  using time_point = std::chrono::steady_clock::time_point;
  using identity = cluster::node_identity;
  using shard_number = std::uint32_t;

  // -- views and lives ----------------------------------------------------------------------------
  void follow(const follow_view& m);
  void note_the_silent(const cluster::view& next);
  cluster::shard_ownership ownership_of(shard_number shard) const;
  void ended(const node_ended& m);
  void lives(const node_lives& m);
  void begin_anew(const host_anew& m);
  void tick(const host_tick& m);
  void look_at_lease();
  void look_at_fences();
  void tell_whether_empty();
  void describe_to(const describe& m);

  // -- what each shard's lifecycle wants (shard_host_moves.cpp) -----------------------------------
  /// `by_view`: the newest view that somebody has shown meanwhile.
  void carry_out(shard_number shard, const cluster::shard_actions& actions,
                 std::uint64_t by_view = 0);
  void carry_out_one(shard_number shard, const cluster::shard_action& action,
                     std::uint64_t by_view);
  void settle(shard_number shard);
  void give_turns();
  void announce_active();
  template <class Message>
  bool say(const identity& to, const Message& message);

  // -- what other hosts say (shard_host_moves.cpp) ------------------------------------------------
  void said(peer_said& m);
  void hear(const identity& from, const cluster::shard_wanted& m);
  void hear(const identity& from, cluster::shard_part& m);
  void hear(const identity& from, const cluster::shard_refused& m);
  void hear(const identity& from, const cluster::shard_received& m);
  void hear(const identity& from, const cluster::shards_active& m);
  template <class T>
  void hear(const identity&, const T&) {}

  // -- content (shard_host_content.cpp) -----------------------------------------------------------
  /// Rooms of one shard that are being emptied, or replicas that say what they have.
  struct collection {
    shard_number shard = 0;
    bool seals = false;
    std::set<std::uint32_t> awaited; ///< tickets
    time_point until{};
    cluster::room_contents rooms;
    std::vector<cluster::shard_pull> for_whom; ///< askers that get it once it is complete
  };
  /// A salvage under way.
  struct search_run {
    std::uint64_t ticket = 0;
    std::map<identity, std::uint32_t> awaited; ///< members, and the next part of each
    bool here = false;                         ///< this node's own replicas are awaited
    time_point until{};
    cluster::salvage found;
  };
  /// What is being pulled.
  struct delivery {
    identity from;
    std::uint64_t ticket = 0;
    std::uint32_t next_part = 0;
    bool complete = false;
    cluster::room_contents rooms;
  };
  void seal(shard_number shard);
  void given(content_given& m);
  void complete(collection what);
  void hand_over(const cluster::shard_pull& to, shard_number shard);
  void answer_search(const cluster::shard_pull& asker, shard_number shard);
  void send_parts(const identity& to, shard_number shard, std::uint64_t ticket,
                  cluster::room_contents rooms);
  void begin_search(shard_number shard, std::uint64_t ticket);
  void search_answered(shard_number shard);
  void end_search(shard_number shard, bool complete);
  void install(shard_number shard);
  void end_late(time_point instant);
  template <class Question>
  void collect(collection into, address_kind from);

  static const std::array<message_row<shard_host_actor>, 8> table_;

  cluster_services& cluster_;
  cluster_routes& routes_;
  std::vector<cluster::shard_lifecycle> shards_;
  cluster::handoff_queue queue_;
  std::shared_ptr<const cluster::view> view_;
  std::shared_ptr<const cluster::placement> placement_;
  bool leased_ = false;

  std::map<identity, time_point> silent_; ///< no members any more; fenced by then
  std::set<identity> ended_;              ///< lives whose process is known to have ended
  time_point outsiders_fenced_at_{};
  time_point everyone_fenced_at_{};

  std::set<shard_number> busy_; ///< whose lifecycle has a timer
  std::unordered_map<shard_number, cluster::room_contents> sealed_;
  std::unordered_map<shard_number, delivery> incoming_;
  std::unordered_map<shard_number, search_run> searches_;
  std::unordered_map<shard_number, cluster::room_contents> salvaged_;
  std::map<std::uint32_t, collection> collections_;             ///< by number
  std::unordered_map<std::uint32_t, std::uint32_t> collecting_; ///< ticket -> collection
  std::unordered_map<shard_number, std::uint32_t> sealing_;     ///< shard -> collection
  std::uint32_t collections_begun_ = 0;
  std::uint32_t tickets_ = 0;
  std::vector<shard_number> newly_active_;
  bool giving_turns_ = false;
};

} // namespace argosy
