// room_actor: one active room on the node that owns its shard.
//
// Answers publish_room, read_history, clear_history; hears declare_interest and retract_interest
// from the replicas (one a node) and, where wanted, member_joined and member_left. One message per
// interested node and publication leaves it. Passivates when no node is interested and nothing
// would be forgotten that was promised. When its shard moves, it gives all that it is to the node's
// shard host and ends; its successor is given that before any other message.
#pragma once

#include "actors/addressed_actor.hpp"
#include "runtime/cluster/interest_set.hpp"
#include "runtime/cluster/relay_tree.hpp"
#include "runtime/core/room_sequencer.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/shards.hpp"
#include "runtime/room_behavior.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace argosy {

class room_actor final : public addressed_actor, private room_context {
public:
  room_actor(caf::actor_config& config, strand& home, node_services& services, argosy::address at);

private:
  void begin() override;
  bool act_on(caf::mailbox_element& what) override;
  void forsake() noexcept override;

  void offered(publish_room& m);
  void read(const read_history& m);
  void clear(const clear_history& m);
  void joined(const member_joined& m);
  void left(const member_left& m);
  void admit(const declare_interest& m);
  void forget(const retract_interest& m);
  void forget_node(const node_gone& m);
  void restore(restore_room& m);
  void take_over(const std::vector<cluster::interest_set::line>& lines, bool salvaged);
  void surrender(const surrender_room& m);
  void tick(const behavior_due& m);
  void tell_head(const room_head_due& m);
  void tell_who_lagged(const room_lagged& m);
  void fan_head();
  void head_has_moved();
  void consider_passivation(const room_idle_check& m);
  void describe_to(const describe& m);
  std::string interested_names() const;

  // room_context
  std::string_view channel() const noexcept override { return at_.key(); }
  void publish(std::string data) override;
  void tick_after(std::chrono::milliseconds delay) override;

  room_sequencer::outcome sequence(room_sequencer::draft d);
  template <class T>
  void tell_replicas(const T& message);
  void fan(const publication_ptr& what);
  bool relays(const publication& what) const noexcept;
  const std::vector<cluster::relay_branch>& relay_tree();
  bool wanted() const noexcept { return replica_ != nullptr || !interest_.empty(); }

  static const std::array<message_row<room_actor>, 15> table_;

  const channel_options& options_;
  room_sequencer sequencer_;
  std::unique_ptr<room_behavior> behavior_;
  caf::strong_actor_ptr replica_;  ///< the one on this node
  cluster::interest_set interest_; ///< the other nodes that have one
  struct relay_plan {
    std::uint64_t view_no = 0;
    std::uint64_t revision = 0; ///< of the interest
    std::vector<cluster::relay_branch> tree;
  };
  std::unique_ptr<relay_plan> relay_plan_; ///< of the last relayed publication; null before
  std::chrono::steady_clock::time_point touched_;
  std::chrono::steady_clock::time_point head_moved_at_{};
  bool head_due_ = false; ///< the other nodes will be told where it stands
};

} // namespace argosy
