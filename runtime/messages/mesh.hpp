// mesh: what the keeper of a node's connections and its membership tell each other. Nothing here
// leaves the node.
#pragma once

#include "runtime/cluster/view.hpp"
#include "runtime/probe_transport.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>

namespace argosy {

/// To the mesh: the view to keep connections by.
struct keep_links {
  cluster::view by;
};

/// To the mesh: this node is another life from now on; whatever connection stands is of the last.
struct begin_again {};

/// To membership: the greeting of one side was not to the other's liking. Of a node that this one
/// has dialled by that name.
struct greeting_refused {
  std::string name;
  std::string why;
};

/// To membership: a connection with that node stands, in both directions.
struct peer_reached {
  cluster::node_identity who;
  std::string address;
  std::uint64_t view_no = 0; ///< that it knows
};
struct peer_vanished {
  cluster::node_identity who;
  std::string why;
};
/// Nobody listens where that node did: its process is dead.
struct peer_refused {
  std::string name;
  std::string address;
};
/// Some message carried a newer view number than ours.
struct heard_of_view {
  cluster::node_identity from;
  std::uint64_t view_no = 0;
};

/// To membership: a probe that came beside the links.
struct probe_heard {
  cluster::probe_note what;
};

/// To itself.
struct mesh_tick {};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::begin_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::greeting_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::keep_links)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::peer_reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::peer_vanished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::peer_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::heard_of_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::probe_heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::mesh_tick)
