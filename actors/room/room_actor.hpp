// room_actor: one active room on the node that owns its shard.
//
// Answers publish_room, read_history, clear_history; hears declare_interest and retract_interest
// from the replicas (one a node) and, where wanted, member_joined and member_left. One message per
// interested node and publication leaves it. Passivates when no node is interested and nothing
// would be forgotten that was promised.
#pragma once

#include "actors/service_actor.hpp"
#include "runtime/core/room_sequencer.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/room_behavior.hpp"

#include <memory>
#include <vector>

namespace argosy {

class room_actor final : public service_actor, private room_context {
public:
  room_actor(caf::actor_config& config, node_services& services, address at);

  /// Called when a room died by itself: its replicas must ask the successor.
  static void died(node_services& services, const address& at, const caf::error& why);

protected:
  caf::behavior make_behavior() override;

private:
  void publish(publish_room& m);
  void read(const read_history& m);
  void clear(const clear_history& m);
  void joined(const member_joined& m);
  void left(const member_left& m);
  void admit(const declare_interest& m);
  void forget(const retract_interest& m);
  void tick();
  void consider_passivation();
  void describe_to(const describe& m);

  // room_context
  std::string_view channel() const noexcept override { return at_.key(); }
  void publish(std::string data) override;
  void tick_after(std::chrono::milliseconds delay) override;

  room_sequencer::outcome sequence(room_sequencer::draft d);
  template <class T>
  void tell_replicas(const T& message);

  address at_;
  const channel_options& options_;
  room_sequencer sequencer_;
  std::unique_ptr<room_behavior> behavior_;
  std::vector<caf::strong_actor_ptr> replicas_;
  std::chrono::steady_clock::time_point touched_;
};

} // namespace argosy
