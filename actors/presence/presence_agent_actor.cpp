#include "actors/presence/presence_agent_actor.hpp"

#include <caf/behavior.hpp>

#include <utility>

namespace argosy {

namespace {

/// A batch is sent when so many changes wait, or when the mailbox has run dry.
constexpr std::size_t batch_changes_max = 256;

struct flush_presence {};

} // namespace

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::flush_presence)

namespace argosy {

presence_agent_actor::presence_agent_actor(caf::actor_config& config, node_services& services)
    : service_actor(config, services) {
}

caf::behavior presence_agent_actor::make_behavior() {
  return {
      [this](presence_change& m) { change(m); },
      [this](list_presence& m) { ask(m); },
      [this](flush_presence) { flush(); },
      [this](const describe& m) { describe_to(m); },
  };
}

void presence_agent_actor::change(presence_change& m) {
  ++changes_;
  pending_[tracker_of(m.room)].changes.push_back(std::move(m));
  if (++pending_changes_ >= batch_changes_max)
    flush();
  else if (!std::exchange(flush_due_, true))
    tell(handle(), flush_presence{}); // behind what is in the mailbox already: that is the batch
}

void presence_agent_actor::ask(list_presence& m) {
  flush();
  const auto tracker = tracker_of(m.room);
  node_.routes.route(tracker, std::move(m));
}

void presence_agent_actor::flush() {
  flush_due_ = false;
  pending_changes_ = 0;
  for (auto& [tracker, delta] : std::exchange(pending_, {}))
    node_.routes.route(tracker, std::move(delta));
}

void presence_agent_actor::describe_to(const describe& m) {
  m.origin.answer(
      description{0, "presence_agent", node_.node_name, {{"changes", std::to_string(changes_)}}});
}

} // namespace argosy
