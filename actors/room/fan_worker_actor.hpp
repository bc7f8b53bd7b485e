// fan_worker_actor: hands the messages of rooms to the members that live on one loop; one a loop,
// on its strand.
//
// A message reaches a loop once, then goes to its members by plain calls (20 ns each, caf.md
// section 4). Long fan-outs are cut into slices, and rooms take turns, so that a hot room does not
// keep the sockets or other rooms waiting.
#pragma once

#include "actors/node_services.hpp"
#include "actors/room/room_members.hpp"
#include "runtime/loop_strand.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/admin.hpp"

#include <deque>
#include <memory>
#include <unordered_map>

namespace argosy {

class fan_worker_actor final : public strand_actor {
public:
  fan_worker_actor(caf::actor_config& config, loop_strand& home, node_services& services);

  void receive(caf::mailbox_element& what) override;

  /// The connection's own calls, on the strand: the subscription at `position` ends.
  void leave(room_members& room, std::uint32_t position);

  std::size_t rooms() const noexcept { return rooms_.size(); }

private:
  void fan(const fan_out& m);
  void admit(const member_admitted& m);
  void evict(const evict_members& m);
  void count(const count_members& m);
  void continue_slices(const next_slice& m);

  // -- for people (fan_worker_describe.cpp) -------------------------------------------------------
  void describe_to(const describe& m);
  void list(const describe_loop& m);
  void list_connections(const describe_loop& m, loop_described& out);
  void list_rooms(const describe_loop& m, loop_described& out);

  room_members& room_of(const address& room);
  void work(room_members& room, std::size_t& budget);
  void enter(room_members& room, const member_admitted& m);
  void deliver(const room_members::member& m, const encoded_message& message);
  void note_latency(const encoded_message& message, std::size_t members);
  void report_if_empty(room_members& room);
  void drop_if_unused(const address& room);
  void schedule(room_members& room);

  static const std::array<message_row<fan_worker_actor>, 7> table_;

  node_services& node_;
  socket_loop& loop_;
  loop_metrics& metrics_;
  std::unordered_map<address, std::unique_ptr<room_members>> rooms_;
  std::deque<address> turns_; ///< rooms with work left, in the order of their turns
  bool slice_due_ = false;
};

} // namespace argosy
