// promises: what every simulated run demands, in one place.
//
// A switch is off only while what it needs is not built.
#pragma once

#include "tests/checker/judge.hpp"

namespace argosy::sim::promises {

/// What a publisher sends keeps its order when its room moves.
inline constexpr bool order_survives_moves = true;

/// A new owner acts only when the old one cannot any more.
inline constexpr bool owners_wait = true;

/// Of every run, whatever happens in it.
inline constexpr checker::demands always{.publisher_order = order_survives_moves,
                                         .one_owner = owners_wait};

/// Of runs in which every node that goes hands over first.
inline constexpr bool moves_keep_positions = true;

/// Presence tells the truth on every node once all is quiet.
inline constexpr bool presence_is_true = true;

/// A tracker of presence ends where its shard no longer is.
inline constexpr bool trackers_move = true;

/// A message to a user reaches each of its devices, whoever keeps its sessions by then.
inline constexpr bool users_are_reached = true;

/// A node that was declared dead and is not comes back as a new life, its process goes on.
/// Off: the run restarts it, as a supervisor would.
inline constexpr bool fenced_lives_return = true;

} // namespace argosy::sim::promises
