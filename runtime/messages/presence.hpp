// presence: connections tell the agent of their node, agents tell the trackers, trackers answer.
// What agents and trackers say is in runtime/cluster/presence_talk.hpp.
#pragma once

#include "runtime/cluster/presence_talk.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <bitset>
#include <cstdint>
#include <vector>

namespace argosy {

/// Who is in the room? Goes through the node's agent, so that a client sees its own arrival.
struct list_presence {
  reply_to origin;
  address room;
  bool count_only = false;
};
struct presence_listed {
  std::uint32_t ticket = 0;
  errc error = errc::none;
  bool count_only = false; ///< as asked; then `clients` is empty
  std::vector<client_info_ptr> clients;
  std::uint32_t num_clients = 0;
  std::uint32_t num_users = 0;
};

/// To the agent: these shards are with other nodes now, or can be reached again.
struct presence_owners_changed {
  std::bitset<shard_count> shards;
  bool moved = false; ///< the trackers are new, and know nothing
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_delta)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_beat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_left_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_owners_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::list_presence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_listed)
