// node_message: everything that one node may say to another, as one type.
//
// Picture the customs list of a harbour: what is not on it stays ashore. A message on the list
// crosses a link as its own struct of runtime/messages; what only means something inside a node
// (handles, members of a loop) is not on it, and the compiler says so.
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/messages/admin.hpp"
#include "runtime/messages/cluster.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/presence.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/shards.hpp"
#include "runtime/messages/user.hpp"

#include <cstdint>
#include <variant>

namespace argosy {

/// To an address: questions carry a `reply_to origin`, which the receiving link fills in.
using routed_message =
    std::variant<publish_room, read_history, clear_history, member_joined, member_left,
                 declare_interest, retract_interest, publish_user, command_sessions, open_session,
                 session_closed, presence_delta, presence_snapshot, presence_beat,
                 presence_left_over, list_presence, describe>;

/// Answers to such a question; `ticket` is the asker's question number.
using node_answer =
    std::variant<room_published, history_read, history_cleared, session_opened, sessions_commanded,
                 presence_listed, members_counted, description, node_told>;

/// From a room to its replica on another node.
using replica_message = std::variant<interest_granted, fan_publication, relayed_publication,
                                     fan_membership, fan_cleared, room_head, interest_lost>;

/// From node to node, to no address.
using peer_message = std::variant<
    cluster::link_hello, cluster::link_refused, cluster::raft_rpc, cluster::join_cluster,
    cluster::join_refused, cluster::leave_cluster, cluster::holds_nothing, cluster::view_decided,
    cluster::view_wanted, cluster::lease_wanted, cluster::lease_granted, cluster::accusation,
    cluster::death_proof, cluster::probe, cluster::probe_answered, cluster::probe_for_me,
    cluster::target_heard, cluster::bounced, cluster::view_barrier, cluster::barrier_passed,
    cluster::relay_fan, cluster::relayed_fan, cluster::for_sessions, count_members, presence_wanted,
    inquire_node, cluster::shard_wanted, cluster::shard_part, cluster::shard_refused,
    cluster::shard_received, cluster::shards_active>;

/// One message on a link.
struct node_envelope {
  std::uint64_t view_no = 0;  ///< the newest view its sender knew
  address to;                 ///< of a routed or a replica message; `describe` can do without
  std::uint32_t question = 0; ///< the sender's number for the answer; 0 = none wanted
  std::variant<routed_message, node_answer, replica_message, peer_message> what;
};

} // namespace argosy
