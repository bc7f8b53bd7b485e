// presence_agent_actor: the node's voice towards the presence trackers; one a node.
//
// Sole writer of the entries of this node's connections. Gathers changes per shard and sends them
// on when its mailbox has run dry or a page is full, so a lone change leaves at once and a storm
// leaves in batches. Questions pass through it behind the changes, so that a client always sees its
// own arrival. In a fleet it repeats number and digest of each tracker's entries in every beat, and
// shows a tracker all of them when its shard has moved or it asks.
#pragma once

#include "actors/service_actor.hpp"
#include "runtime/cluster/presence_ledger.hpp"
#include "runtime/messages/presence.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

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
  void show(const presence_wanted& m);
  void show_more();
  void show_again(const presence_owners_changed& m);
  void beat();
  void describe_to(const describe& m);

  cluster::presence_ledger& ledger();

  std::optional<cluster::presence_ledger> ledger_; ///< from the first change on
  /// Snapshots too long for one go; a link has only so much room.
  struct showing {
    address tracker;
    std::vector<presence_snapshot> pages;
    std::size_t next = 0;
  };
  std::deque<showing> showing_;
  bool flush_due_ = false;
  std::uint32_t beats_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t snapshots_ = 0;
};

} // namespace argosy
