// hosting: what the host of a node's shards hears from the rest of its node. Nothing here leaves
// the node.
#pragma once

#include "runtime/cluster/member.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace argosy {

namespace cluster {
class placement;
struct view;
} // namespace cluster

/// The view to act by, and who owns which shard in it.
struct follow_view {
  std::shared_ptr<const cluster::view> view;
  std::shared_ptr<const cluster::placement> by;
};

/// The process of that life of a node has ended, and with it whatever lease it had.
struct node_ended {
  cluster::node_identity who;
};

/// No, it has not: it has spoken since.
struct node_lives {
  cluster::node_identity who;
};

/// This node is another life from now on: what the last one owned was lost with the view that ended
/// it.
struct host_anew {};

/// To itself.
struct host_tick {
  static constexpr std::chrono::milliseconds every{50};
};

/// To a link: this node acts by that view now, and has told the link what it must send back.
struct view_followed {
  std::uint64_t no = 0;
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::follow_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::node_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::node_lives)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::host_anew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::host_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::view_followed)
