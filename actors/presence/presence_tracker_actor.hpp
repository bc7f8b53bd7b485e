// presence_tracker_actor: adds up what the gateways say about the rooms of one shard.
//
// Takes what the agents say, answers list_presence, and tells the rooms of its shard who has come
// and who has gone. Lives while it has entries and its shard is this node's; what it knows that no
// gateway can tell its successor, it hands on. What it decides is in `presence_roll`.
#pragma once

#include "actors/service_actor.hpp"
#include "runtime/cluster/presence_roll.hpp"
#include "runtime/messages/presence.hpp"
#include "runtime/messages/room.hpp"

#include <chrono>
#include <optional>

namespace argosy {

class presence_tracker_actor final : public service_actor {
public:
  presence_tracker_actor(caf::actor_config& config, node_services& services, address at);

  static void died(node_services&, const address&, const caf::error&) {}

protected:
  caf::behavior make_behavior() override;

private:
  template <class Message>
  void take(Message& m);
  void take_over(const presence_left_over& m);
  void list(const list_presence& m);
  void forget_node(const node_gone& m);
  void give_way(const shard_lost& m);
  void sweep();
  void wake_for_sweep();
  void tell_rooms();
  void ask(const cluster::node_identity& gateway);
  void describe_to(const describe& m);
  void consider_passivation();

  address at_;
  cluster::presence_roll roll_;
  cluster::presence_roll::facts facts_; ///< not told yet
  std::optional<std::chrono::steady_clock::time_point> wakes_at_;
  bool leaving_ = false;
};

} // namespace argosy
