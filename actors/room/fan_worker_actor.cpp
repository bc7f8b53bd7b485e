#include "actors/room/fan_worker_actor.hpp"

#include "runtime/core/channel_rules.hpp"

#include <utility>

namespace argosy {

namespace {

/// Deliveries between two looks at the sockets: about 5 ms of system calls.
constexpr std::size_t slice_deliveries = 512;

} // namespace

const std::array<message_row<fan_worker_actor>, 7> fan_worker_actor::table_{
    on<&fan_worker_actor::fan>,   on<&fan_worker_actor::admit>,
    on<&fan_worker_actor::evict>, on<&fan_worker_actor::continue_slices>,
    on<&fan_worker_actor::count>, on<&fan_worker_actor::describe_to>,
    on<&fan_worker_actor::list>,
};

fan_worker_actor::fan_worker_actor(caf::actor_config& config, loop_strand& home,
                                   node_services& services)
    : strand_actor(config, home), node_(services), loop_(home.loop()),
      metrics_(services.metrics.loops[home.loop().index()]) {
}

void fan_worker_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

room_members& fan_worker_actor::room_of(const address& room) {
  auto& found = rooms_[room];
  if (!found)
    found = std::make_unique<room_members>(room);
  return *found;
}

void fan_worker_actor::fan(const fan_out& m) {
  const auto found = rooms_.find(m.room);
  if (found == rooms_.end())
    return;
  auto& room = *found->second;
  const bool at_once = room.idle();
  room.push(m.message);
  auto budget = slice_deliveries;
  if (at_once)
    work(room, budget);
  if (!room.idle())
    schedule(room);
  else
    drop_if_unused(m.room);
}

void fan_worker_actor::admit(const member_admitted& m) {
  auto& room = room_of(m.room);
  if (!room.idle()) {
    room.push(m);
    return;
  }
  room.in_use = true;
  enter(room, m);
  room.in_use = false;
  drop_if_unused(m.room);
}

void fan_worker_actor::enter(room_members& room, const member_admitted& m) {
  room.replica = m.replica;
  room.joins_seen = m.joins;
  auto& who = actor_object<fan_member>(m.subscriber.actor);
  if (!who.terminated())
    who.admitted(room, m);
  report_if_empty(room);
}

void fan_worker_actor::work(room_members& room, std::size_t& budget) {
  room.in_use = true;
  budget = room.work(
      budget,
      [this](const room_members::member& m, const encoded_message& message) {
        deliver(m, message);
      },
      [this, &room](const member_admitted& m) { enter(room, m); },
      [this, &room](const encoded_message& message) { note_latency(message, room.size()); });
  room.in_use = false;
}

void fan_worker_actor::deliver(const room_members::member& m, const encoded_message& message) {
  if (message.members_only && !m.wants_membership)
    return;
  const auto& f = message.by_dialect[m.dialect];
  if (m.held) {
    m.who->deliver_held(f, message.in);
    return;
  }
  metrics_.deliveries.add();
  if (loop_.send(m.socket, message.in, f, message.conflation_key) == send_result::refused_slow)
    m.who->overrun();
}

void fan_worker_actor::note_latency(const encoded_message& message, std::size_t members) {
  if (message.accepted_at != std::chrono::steady_clock::time_point{})
    metrics_.publish_to_write.record(std::chrono::steady_clock::now() - message.accepted_at,
                                     members);
}

void fan_worker_actor::schedule(room_members& room) {
  if (!std::exchange(room.scheduled, true))
    turns_.push_back(room.room());
  if (!std::exchange(slice_due_, true))
    tell(handle(), next_slice{});
}

void fan_worker_actor::continue_slices(const next_slice&) {
  slice_due_ = false;
  auto budget = slice_deliveries;
  for (auto rounds = turns_.size(); rounds > 0 && budget > 0; --rounds) {
    const auto at = std::move(turns_.front());
    turns_.pop_front();
    const auto found = rooms_.find(at);
    if (found == rooms_.end())
      continue;
    auto& room = *found->second;
    room.scheduled = false;
    work(room, budget);
    if (room.idle())
      drop_if_unused(at);
    else
      schedule(room);
  }
  if (!turns_.empty() && !std::exchange(slice_due_, true))
    tell(handle(), next_slice{});
}

void fan_worker_actor::leave(room_members& room, std::uint32_t position) {
  room.leave(position);
  report_if_empty(room);
  drop_if_unused(address{room.room()});
}

void fan_worker_actor::report_if_empty(room_members& room) {
  if (room.size() > 0)
    return;
  tell(room.replica, loop_left{loop_.index(), room.joins_seen});
}

void fan_worker_actor::drop_if_unused(const address& at) {
  const auto found = rooms_.find(at);
  if (found == rooms_.end())
    return;
  const auto& room = *found->second;
  if (room.size() == 0 && room.idle() && !room.in_use)
    rooms_.erase(found);
}

void fan_worker_actor::evict(const evict_members& m) {
  const auto found = rooms_.find(m.room);
  if (found == rooms_.end())
    return;
  found->second->in_use = true;
  found->second->evict_all(m.code);
  found->second->in_use = false;
  report_if_empty(*found->second);
  drop_if_unused(m.room);
}

void fan_worker_actor::count(const count_members& m) {
  members_counted answer;
  for (const auto& [at, room] : rooms_)
    if (room->size() > 0 && at.tenant() == m.tenant
        && (m.pattern.empty() || matches(m.pattern, at.key())))
      answer.rooms.emplace_back(at.key(), static_cast<std::uint32_t>(room->size()));
  m.origin.answer(std::move(answer));
}

} // namespace argosy
