// service_actor: the manners that every event-based actor of this tree has.
//
// CAF ends a sender whose message was not understood, and an actor whose handler threw (caf.md,
// section 6). Here an unknown message is dropped and counted as a bug, and an exception ends the
// actor alone, with a line in the log.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/reply_to.hpp"

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <random>
#include <string>

namespace argosy {

class service_actor : public caf::event_based_actor {
public:
  using address = argosy::address; ///< ours, not the handle that CAF calls so

  service_actor(caf::actor_config& config, node_services& services);

protected:
  std::chrono::steady_clock::time_point now() { return clock().now(); }
  caf::strong_actor_ptr handle() { return caf::strong_actor_ptr{ctrl()}; }

  /// `message` to itself after `delay`; cannot be cancelled, so handlers check their state.
  template <class T>
  void tell_self_after(std::chrono::milliseconds delay, T message) {
    delayed_anon_send(caf::actor_cast<caf::actor>(this), delay, std::move(message));
  }

  node_services& node_;
};

/// A short random token for epochs and incarnations.
std::string random_token();

/// Wall clock, Unix milliseconds.
std::int64_t wall_ms();

/// The activator of an actor class that is built from (services, address): spawns it, and takes it
/// off the switchboard should it die by itself.
template <class Actor>
router::activator activate(node_services& services) {
  return [&services](const address& at) {
    auto made = caf::actor_cast<caf::strong_actor_ptr>(services.system.spawn<Actor>(services, at));
    made->get()->attach_functor([&services, at, id = made->id()](const caf::error& why) {
      if (services.routes.retire(at, id))
        Actor::died(services, at, why);
    });
    return made;
  };
}

} // namespace argosy
