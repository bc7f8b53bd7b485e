// presence_agent_actor: the node's voice towards the presence trackers; one a node.
//
// Sole writer of the entries of this node's connections. Gathers changes per shard and sends them
// on when its mailbox has run dry or 256 wait, so a lone change leaves at once and a storm leaves
// in batches. Questions pass through it behind the changes, so that a client always sees its own
// arrival.
#pragma once

#include "actors/service_actor.hpp"
#include "runtime/messages/presence.hpp"

#include <unordered_map>

namespace argosy {

class presence_agent_actor final : public service_actor {
public:
  presence_agent_actor(caf::actor_config& config, node_services& services);

protected:
  caf::behavior make_behavior() override;

private:
  void change(presence_change& m);
  void ask(list_presence& m);
  void flush();
  void describe_to(const describe& m);

  std::unordered_map<address, presence_delta> pending_; ///< by tracker
  std::size_t pending_changes_ = 0;
  bool flush_due_ = false;
  std::uint64_t changes_ = 0;
};

} // namespace argosy
