// room_replica_actor: a room's fan-out on one node, alive while somebody here is subscribed.
//
// Picture a local post office: the room sends it one copy, it prints what its town needs and hands
// a bundle to each postman (fan worker of a loop). It keeps the room's recent past, so a client
// that comes back is served here. Invariant: what it tells a fan worker is in the order of the
// room, and a subscriber's answer is part of that order.
#pragma once

#include "actors/service_actor.hpp"
#include "runtime/core/history.hpp"
#include "runtime/messages/room.hpp"

#include <memory>
#include <vector>

namespace argosy {

class room_replica_actor final : public service_actor {
public:
  room_replica_actor(caf::actor_config& config, node_services& services, address at);

  static void died(node_services& services, const address& at, const caf::error& why);

protected:
  caf::behavior make_behavior() override;

private:
  void join(join_replica& m);
  void admit(const join_replica& m);
  void loop_gone(const loop_left& m);
  void granted(interest_granted& m);
  void fan(const fan_publication& m);
  void fan(const fan_membership& m);
  void fan_to_loops(std::shared_ptr<const encoded_message> message);
  std::shared_ptr<encoded_message> encode(const push_body& body) const;
  void ask_for_interest();
  void consider_leaving();
  void describe_to(const describe& m);

  struct loop_state {
    std::uint64_t joins = 0; ///< admissions sent to the loop's fan worker, ever
    bool members = false;
  };

  address at_;   ///< tenant/replica/channel
  address room_; ///< tenant/room/channel
  history past_;
  bool with_offset_;
  bool granted_ = false;
  std::vector<join_replica> waiting_; ///< joins before the room has answered
  std::vector<loop_state> loops_;
};

} // namespace argosy
