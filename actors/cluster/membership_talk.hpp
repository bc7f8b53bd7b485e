// The membership actor's way of speaking to other nodes; for its own sources.
#pragma once

#include "actors/cluster/membership_actor.hpp"
#include "runtime/wire/node/node_codec.hpp"

namespace argosy {

template <class T>
void membership_actor::say(const identity& to, const T& message) {
  const auto peer = cluster_.peers.find(to);
  if (!peer)
    return;
  post_envelope out;
  out.lane = cluster::link_lane::control;
  out.bytes = wire::encode(view_.no, argosy::address{}, 0, message, now());
  tell(peer->link, std::move(out));
}

// A member that does not vote may not know who leads: any voter passes it on.
template <class T>
void membership_actor::say_to_leader(const T& message) {
  if (presides())
    return hear(cluster_.settings.self.id, message);
  if (const auto* to = leader())
    return say(*to, message);
  for (const auto& s : cluster_.settings.seeds)
    if (const auto* seed = reachable(s.name))
      say(*seed, message);
}

} // namespace argosy
