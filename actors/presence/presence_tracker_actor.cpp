#include "actors/presence/presence_tracker_actor.hpp"

#include <caf/behavior.hpp>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds idle_check{60'000};

/// What is due is swept with what is due soon.
constexpr std::chrono::milliseconds sweep_interval{1'000};

/// A sweep that is so late was held up with the whole node: what it would have heard meanwhile may
/// still lie in the sockets.
constexpr std::chrono::milliseconds late{2'000};

struct tracker_idle_check {};
struct presence_sweep_due {};

presence_limits limits_of(const node_services& node) {
  auto limits = node.presence;
  if (node.others == nullptr)
    limits.linger = std::chrono::milliseconds{0}; // there is no other node to move to
  return limits;
}

} // namespace

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::tracker_idle_check)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_sweep_due)

namespace argosy {

presence_tracker_actor::presence_tracker_actor(caf::actor_config& config, node_services& services,
                                               address at)
    : service_actor(config, services), at_(std::move(at)), roll_(limits_of(services), now()) {
}

caf::behavior presence_tracker_actor::make_behavior() {
  tell_self_after(idle_check, tracker_idle_check{});
  return {
      [this](presence_delta& m) { take(m); },
      [this](presence_beat& m) { take(m); },
      [this](presence_snapshot& m) { take(m); },
      [this](const presence_left_over& m) { take_over(m); },
      [this](const list_presence& m) { list(m); },
      [this](const node_gone& m) { forget_node(m); },
      [this](const shard_lost& m) { give_way(m); },
      [this](presence_sweep_due) { sweep(); },
      [this](tracker_idle_check) { consider_passivation(); },
      [this](const describe& m) { describe_to(m); },
  };
}

template <class Message>
void presence_tracker_actor::take(Message& m) {
  if (!roll_.take(m, now(), facts_))
    ask(m.gateway);
  tell_rooms();
  wake_for_sweep();
}

void presence_tracker_actor::take_over(const presence_left_over& m) {
  roll_.take(m, now());
  wake_for_sweep();
}

void presence_tracker_actor::ask(const cluster::node_identity& gateway) {
  if (gateway.name.empty())
    tell(node_.presence_agent, presence_wanted{at_});
  else
    node_.others->want_presence(gateway, {at_});
}

// The room is of the same shard, so it is here, too; unless the shard moves in this moment.
void presence_tracker_actor::tell_rooms() {
  for (auto& f : std::exchange(facts_, {}))
    if (f.joined)
      node_.routes.route(f.room, member_joined{std::move(f.info)});
    else
      node_.routes.route_if_active(f.room, member_left{std::move(f.info)});
}

void presence_tracker_actor::list(const list_presence& m) {
  const auto n = roll_.table().count(m.room);
  presence_listed answer{0, errc::none, m.count_only, {}, n.clients, n.users};
  if (!m.count_only)
    answer.clients = roll_.table().list(m.room, node_.limits.presence_list_max);
  m.origin.answer(std::move(answer));
}

void presence_tracker_actor::forget_node(const node_gone& m) {
  roll_.gone(m.who, now(), facts_);
  tell_rooms();
  wake_for_sweep();
}

void presence_tracker_actor::wake_for_sweep() {
  const auto next = roll_.next_sweep();
  if (wakes_at_ || !next)
    return;
  const auto instant = now();
  const auto pause =
      std::max(sweep_interval, std::chrono::ceil<std::chrono::milliseconds>(*next - instant));
  wakes_at_ = instant + pause;
  tell_self_after(pause, presence_sweep_due{});
}

// Who is cut off or was held up hears nobody: that says nothing about the others.
void presence_tracker_actor::sweep() {
  const auto instant = now();
  if (node_.fenced() || instant > *wakes_at_ + late)
    roll_.excuse_silence(instant);
  wakes_at_.reset();
  roll_.sweep(instant, facts_);
  tell_rooms();
  wake_for_sweep();
}

// Another node owns the shard. What came before that news is handled first. One such letter at a
// time: two would wait for each other for ever.
void presence_tracker_actor::give_way(const shard_lost& m) {
  if (!m.again && std::exchange(leaving_, true))
    return;
  if (!node_.routes.retire_if(at_, id(), [this] { return mailbox().empty(); })) {
    tell(handle(), shard_lost{true});
    return;
  }
  if (auto left_over = roll_.lingering(); !left_over.empty())
    node_.routes.route(at_, presence_left_over{std::move(left_over)});
  quit();
}

void presence_tracker_actor::consider_passivation() {
  const auto nothing_waits = [this] { return mailbox().empty(); };
  if (roll_.empty() && node_.routes.retire_if(at_, id(), nothing_waits))
    quit();
  else
    tell_self_after(idle_check, tracker_idle_check{});
}

void presence_tracker_actor::describe_to(const describe& m) {
  m.origin.answer(description{0,
                              "presence",
                              std::string{at_.text()},
                              {{"rooms", std::to_string(roll_.table().rooms())},
                               {"entries", std::to_string(roll_.table().entries())},
                               {"lingering", std::to_string(roll_.lingerers())},
                               {"gateways", std::to_string(roll_.gateways())}}});
}

} // namespace argosy
