// cluster: the conversations between nodes: of links, of views and leases, of routers.
//
// Everything here crosses a link, so nothing holds a handle. Who said it is known by the link it
// came over, which has checked the name; a message repeats an identity only where it speaks of
// somebody else or of an incarnation.
#pragma once

#include "runtime/cluster/link_lane.hpp"
#include "runtime/cluster/view.hpp"
#include "runtime/core/client_info.hpp"
#include "runtime/messages/presence.hpp"
#include "runtime/messages/user.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace argosy::cluster {

/// Grows when a node could misread what another one says.
inline constexpr std::uint32_t protocol_version = 1;

// -- the two ends of a connection -----------------------------------------------------------------

/// The first message of either side. A side that does not like it answers `link_refused` and
/// closes.
struct link_hello {
  std::string cluster;
  node_identity from;
  std::string address; ///< host:port at which it can be dialled
  std::uint32_t version = protocol_version;
  std::uint64_t settings_hash = 0; ///< of the settings that must agree
  std::uint64_t view_no = 0;
};
struct link_refused {
  std::string why; ///< one sentence for the other side's log
};

// -- views: voters among each other, members with the leader --------------------------------------

/// One message of Raft, opaque here.
struct raft_rpc {
  std::string bytes;
};

/// To any voter; one that does not lead passes it on.
struct join_cluster {
  member who;
};
struct join_refused {
  node_identity who;
  std::string why;
  bool outlived = false; ///< that life of it has ended: it may ask again as a new one
};
struct leave_cluster {
  node_identity who;
};
/// A member hands over its last shard, or none was its own: it may be released.
struct holds_nothing {
  node_identity who;
  std::uint64_t view_no = 0;
};

/// A view, later ones of which follow if the sender knows any.
struct view_decided {
  view what;
};
/// "I know view `have`": answered by `view_decided` for each newer one, or for the newest.
struct view_wanted {
  std::uint64_t have = 0;
};

/// To the leader, as every member does each 500 ms.
struct lease_wanted {
  node_identity from;
  std::uint64_t acknowledged_view = 0;
  std::uint64_t asked_at = 0; ///< the asker's own clock, in microseconds; comes back
};
struct lease_granted {
  std::uint64_t view_no = 0;
  std::uint32_t ttl_ms = 0; ///< from `asked_at` on
  std::uint64_t asked_at = 0;
};

struct accusation {
  node_identity target;
  bool withdrawn = false;
};
/// Nobody listens at its address, or a later life of it has shown itself.
struct death_proof {
  node_identity target;
};

// -- failure detection ----------------------------------------------------------------------------

struct probe {
  std::uint64_t sequence = 0;
};
struct probe_answered {
  std::uint64_t sequence = 0;
};
struct probe_for_me {
  node_identity target;
  std::uint64_t sequence = 0;
};
struct target_heard {
  node_identity target;
  std::uint64_t sequence = 0;
};

// -- routers --------------------------------------------------------------------------------------

enum class bounce : std::uint8_t {
  wrong_owner, ///< the receiver does not own the shard in the view it knows
  not_ready,   ///< it does, but is still fetching it and holds as much as it may
};
/// Comes back to the sender, which tries again by a newer view or gives up.
struct bounced {
  std::string envelope;
  bounce why{};
};

/// "What I sent before this, I sent by an older view": once it has passed, nothing older can come.
struct view_barrier {
  std::uint64_t view_no = 0;
};
struct barrier_passed {
  std::uint64_t view_no = 0;
};

// -- rooms with many interested nodes -------------------------------------------------------------

/// From a room's owner: this is for the replica of your node, and for those of `share`.
struct relay_fan {
  std::vector<node_identity> share;
  std::string envelope; ///< of a relayed_publication
};
/// From such a relay: what `owner` has said.
struct relayed_fan {
  node_identity owner;
  std::string envelope;
};

// -- users and presence ---------------------------------------------------------------------------

/// From a user's owner to the gateway that holds these of the user's connections.
struct for_sessions {
  std::vector<client_id> clients;
  std::variant<deliver_direct, end_session, subscribe_session, unsubscribe_session, refresh_session>
      order;
};

} // namespace argosy::cluster

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::link_hello)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::link_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::raft_rpc)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::join_cluster)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::join_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::leave_cluster)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::holds_nothing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::view_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::view_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::lease_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::lease_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::accusation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::death_proof)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::probe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::probe_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::probe_for_me)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::target_heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::bounced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::view_barrier)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::barrier_passed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::relay_fan)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::relayed_fan)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::for_sessions)
