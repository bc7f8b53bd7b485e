#include "actors/presence/presence_tracker_actor.hpp"

#include <caf/behavior.hpp>

#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds idle_check{60'000};

struct tracker_idle_check {};

} // namespace

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::tracker_idle_check)

namespace argosy {

presence_tracker_actor::presence_tracker_actor(caf::actor_config& config, node_services& services,
                                               address at)
    : service_actor(config, services), at_(std::move(at)) {
}

caf::behavior presence_tracker_actor::make_behavior() {
  tell_self_after(idle_check, tracker_idle_check{});
  return {
      [this](presence_delta& m) { apply(m); },
      [this](const list_presence& m) { list(m); },
      [this](tracker_idle_check) { consider_passivation(); },
      [this](const describe& m) { describe_to(m); },
  };
}

void presence_tracker_actor::apply(presence_delta& m) {
  for (auto& change : m.changes)
    if (change.present)
      table_.add(change.room, std::move(change.info));
    else
      table_.remove(change.room, *change.info);
}

void presence_tracker_actor::list(const list_presence& m) {
  const auto n = table_.count(m.room);
  presence_listed answer{0, errc::none, m.count_only, {}, n.clients, n.users};
  if (!m.count_only)
    answer.clients = table_.list(m.room, node_.limits.presence_list_max);
  m.origin.answer(std::move(answer));
}

void presence_tracker_actor::consider_passivation() {
  const auto nothing_waits = [this] { return mailbox().empty(); };
  if (table_.entries() == 0 && node_.routes.retire_if(at_, id(), nothing_waits))
    quit();
  else
    tell_self_after(idle_check, tracker_idle_check{});
}

void presence_tracker_actor::describe_to(const describe& m) {
  m.origin.answer(description{
      0,
      "presence_tracker",
      std::string{at_.text()},
      {{"rooms", std::to_string(table_.rooms())}, {"entries", std::to_string(table_.entries())}}});
}

} // namespace argosy
