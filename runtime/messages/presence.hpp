// presence: connections tell the agent of their node, agents tell the trackers, trackers answer.
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/core/client_info.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <vector>

namespace argosy {

/// One change by the only writer of the entry, the gateway whose connection it is.
struct presence_change {
  address room;
  client_info_ptr info;
  bool present = false;
};
/// What an agent has gathered for one shard, in order.
struct presence_delta {
  std::vector<presence_change> changes;
};

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

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_delta)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::list_presence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::presence_listed)
