// room_replica_actor: a room's fan-out on one node, alive while somebody here is subscribed.
//
// Picture a local post office: the room sends it one copy, it prints what its town needs and hands
// a bundle to each postman (fan worker of a loop). It keeps the room's recent past, so a client
// that comes back is served here. Invariant: what it tells a fan worker is in the order of the
// room, and a subscriber's answer is part of that order.
#pragma once

#include "actors/addressed_actor.hpp"
#include "runtime/core/early_publications.hpp"
#include "runtime/core/history.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/shards.hpp"

#include <array>
#include <memory>
#include <vector>

namespace argosy {

class room_replica_actor final : public addressed_actor {
public:
  room_replica_actor(caf::actor_config& config, strand& home, node_services& services,
                     argosy::address at);

private:
  void begin() override { ask_for_interest(); }
  bool act_on(caf::mailbox_element& what) override;
  void forsake() noexcept override;

  void join(join_replica& m);
  void admit(const join_replica& m);
  void answer(const join_replica& m, member_admitted a);
  bool knows_more(const join_replica& m) const;
  bool may_be_on_its_way() const noexcept;
  void loop_gone(const loop_left& m);
  void granted(interest_granted& m);
  void fan(const fan_publication& m);
  void relayed(const relayed_publication& m);
  void take_up(const std::string& epoch, const publication_ptr& what);
  void deliver_early();
  void tell_of_member(const fan_membership& m);
  void cleared(const fan_cleared& m);
  void compare(const room_head& m);
  void lost(const interest_lost& m);
  void yield(const yield_ring& m);
  void give_up_late(const joins_due& m);
  void give_up_missing(const relays_due& m);
  void deliver(const publication_ptr& what);
  void catch_up(interest_granted& m);
  void evict_all();
  interested_party me();
  void fan_to_loops(std::shared_ptr<const encoded_message> message);
  std::shared_ptr<encoded_message> encode(const push_body& body) const;
  void ask_for_interest();
  void consider_leaving(const linger_over& m);
  void describe_to(const describe& m);

  struct loop_state {
    std::uint64_t joins = 0; ///< admissions sent to the loop's fan worker, ever
    bool members = false;
  };

  static const std::array<message_row<room_replica_actor>, 14> table_;

  argosy::address room_; ///< tenant/room/channel; its own is tenant/replica/channel
  history past_;
  bool with_offset_;
  bool granted_ = false;
  bool joins_due_ = false;     ///< somebody waits, and a look at it is on its way
  bool behind_ = false;        ///< a publication is missing, and is waited or asked for
  bool relayed_ = false;       ///< some of what comes here comes by way of relays
  bool overdue_ = false;       ///< what is missing was waited for: what the room says next counts
  std::uint64_t clear_at_ = 0; ///< 0, or the offset up to which the past is to be forgotten
  early_publications early_;   ///< what came before those that are missing
  std::vector<join_replica> waiting_; ///< joins before the room has answered
  std::vector<loop_state> loops_;
};

} // namespace argosy
