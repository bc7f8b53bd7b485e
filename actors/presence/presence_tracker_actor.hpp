// presence_tracker_actor: adds up what the gateways say about the rooms of one shard.
//
// Takes presence_delta from the agents, answers list_presence. Lives while it has entries.
#pragma once

#include "actors/service_actor.hpp"
#include "runtime/core/presence_table.hpp"
#include "runtime/messages/presence.hpp"

namespace argosy {

class presence_tracker_actor final : public service_actor {
public:
  presence_tracker_actor(caf::actor_config& config, node_services& services, address at);

  static void died(node_services&, const address&, const caf::error&) {}

protected:
  caf::behavior make_behavior() override;

private:
  void apply(presence_delta& m);
  void list(const list_presence& m);
  void describe_to(const describe& m);
  void consider_passivation();

  address at_;
  presence_table table_;
};

} // namespace argosy
