// shards: how a shard and what is in it goes from one owner to the next.
//
// A conversation between nodes, one per shard that moves:
//
//   new owner    shard_wanted {ticket 7, as of view 4}    "you owned it in view 4: give it to me"
//   old owner    shard_part   {ticket 7, 0 of 2}          rooms, in boxes; or shard_refused
//   old owner    shard_part   {ticket 7, 1 of 2}
//   new owner    shard_received {ticket 7}                the old one forgets it
//   new owner    shards_active {epoch 5}                  to all, from time to time
//
// `as_of` 0 is a salvage: give what you have, replicas' rings too. Answered by parts alone.
#pragma once

#include "runtime/cluster/room_content.hpp"
#include "runtime/cluster/shard_lifecycle.hpp"
#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <vector>

namespace argosy {

namespace cluster {

// -- from node to node ----------------------------------------------------------------------------

struct shard_wanted {
  std::uint32_t shard = 0;
  std::uint64_t view_no = 0; ///< in which the asker owns it
  std::uint64_t as_of = 0;   ///< the view whose owner is asked
  std::uint64_t ticket = 0;  ///< the asker's
};
struct shard_part {
  std::uint32_t shard = 0;
  std::uint64_t ticket = 0;
  std::uint32_t part = 0;
  std::uint32_t parts = 1;
  room_contents rooms;
};
struct shard_refused {
  std::uint32_t shard = 0;
  std::uint64_t ticket = 0;
  pull_refusal why{};
  node_identity to;        ///< of a redirect
  std::uint64_t as_of = 0; ///< of a redirect; of wrong_owner the view that the asker has not seen
};
struct shard_received {
  std::uint32_t shard = 0;
  std::uint64_t ticket = 0;
};
struct shards_active {
  std::uint64_t epoch = 0;
  std::vector<std::uint32_t> shards;
};

} // namespace cluster

// -- inside a node, between the host of its shards and the actors in them -------------------------

/// To a room whose shard goes: give all that you are, and end.
struct surrender_room {
  reply_to origin;
};
/// To a replica: say what your ring has.
struct yield_ring {
  reply_to origin;
};
struct content_given {
  std::uint32_t ticket = 0;
  cluster::room_content what;
};
/// To a room before anything else.
struct restore_room {
  cluster::room_content what;
  bool salvaged = false; ///< in an epoch that nobody has been told of
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::shard_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::shard_part)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::shard_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::shard_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::shards_active)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::surrender_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::yield_ring)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::content_given)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::restore_room)
