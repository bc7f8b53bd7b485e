#include "actors/presence/presence_agent_actor.hpp"

#include <caf/behavior.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace argosy {

namespace {

/// The beats of all shards are spread over so many steps of an interval.
constexpr std::uint32_t steps_per_beat = 20;

/// A longer snapshot leaves in parts of so many pages.
constexpr std::size_t pages_at_once = 8;
constexpr std::chrono::milliseconds between_parts{20};

struct flush_presence {};
struct more_pages_due {};
struct presence_beat_due {};

} // namespace

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::flush_presence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::more_pages_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_beat_due)

namespace argosy {

presence_agent_actor::presence_agent_actor(caf::actor_config& config, node_services& services)
    : service_actor(config, services) {
}

caf::behavior presence_agent_actor::make_behavior() {
  return {
      [this](presence_change& m) { change(m); },
      [this](list_presence& m) { ask(m); },
      [this](flush_presence) { flush(); },
      [this](const presence_wanted& m) { show(m); },
      [this](const presence_owners_changed& m) { show_again(m); },
      [this](more_pages_due) { show_more(); },
      [this](presence_beat_due) { beat(); },
      [this](const describe& m) { describe_to(m); },
  };
}

// Whether there are other nodes is known by the time that there are clients.
cluster::presence_ledger& presence_agent_actor::ledger() {
  if (!ledger_) {
    const bool fleet = node_.others != nullptr;
    ledger_.emplace(fleet);
    if (fleet)
      tell_self_after(node_.presence.beat / steps_per_beat, presence_beat_due{});
  }
  return *ledger_;
}

void presence_agent_actor::change(presence_change& m) {
  ++changes_;
  const auto tracker = tracker_of(m.room);
  ledger().note(tracker, std::move(m));
  if (ledger().full())
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
  for (auto& [tracker, delta] : ledger().flush())
    node_.routes.route(tracker, std::move(delta));
}

void presence_agent_actor::show(const presence_wanted& m) {
  std::erase_if(showing_, [&](const showing& s) { return s.tracker == m.tracker; });
  ledger().release(m.tracker);
  flush();
  ++snapshots_;
  auto pages = ledger().snapshot(m.tracker);
  if (pages.size() <= pages_at_once) {
    for (auto& page : pages)
      node_.routes.route(m.tracker, std::move(page));
    return;
  }
  ledger().withhold(m.tracker);
  showing_.push_back({m.tracker, std::move(pages)});
  if (showing_.size() == 1)
    tell(handle(), more_pages_due{});
}

void presence_agent_actor::show_more() {
  if (showing_.empty())
    return;
  auto& s = showing_.front();
  for (std::size_t i = 0; i < pages_at_once && s.next < s.pages.size(); ++i)
    node_.routes.route(s.tracker, std::move(s.pages[s.next++]));
  if (s.next == s.pages.size()) {
    ledger().release(s.tracker);
    showing_.pop_front();
    flush();
  }
  if (!showing_.empty())
    tell_self_after(between_parts, more_pages_due{});
}

// A new tracker knows nothing: it is shown all. One that was out of reach may have missed something
// or not: its digest tells.
void presence_agent_actor::show_again(const presence_owners_changed& m) {
  flush();
  for (const auto& [tracker, beat] :
       ledger().beats([&](std::uint32_t shard) { return m.shards.test(shard); }))
    if (m.moved)
      show({tracker});
    else
      node_.routes.route(tracker, beat);
}

void presence_agent_actor::beat() {
  tell_self_after(node_.presence.beat / steps_per_beat, presence_beat_due{});
  flush();
  const auto step = ++beats_ % steps_per_beat;
  for (const auto& [tracker, beat] :
       ledger().beats([&](std::uint32_t shard) { return shard % steps_per_beat == step; }))
    node_.routes.route(tracker, beat);
}

void presence_agent_actor::describe_to(const describe& m) {
  m.origin.answer(description{0,
                              "presence_agent",
                              node_.node_name,
                              {{"changes", std::to_string(changes_)},
                               {"entries", std::to_string(ledger().entries())},
                               {"trackers", std::to_string(ledger().trackers())},
                               {"snapshots", std::to_string(snapshots_)}}});
}

} // namespace argosy
