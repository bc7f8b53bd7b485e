// room: the conversations of a room: with publishers, with its replicas, with its subscribers.
//
// Commands are imperative, facts are past, questions have answers with the same ticket.
#pragma once

#include "runtime/cluster/member.hpp"
#include "runtime/core/address.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/core/history.hpp"
#include "runtime/core/lane.hpp"
#include "runtime/core/publication.hpp"
#include "runtime/protocol/dialect.hpp"
#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace argosy {

// -- to the room: publishing ----------------------------------------------------------------------

struct publish_room {
  reply_to origin; ///< no actor = no ack wanted
  std::string data;
  client_info_ptr publisher; ///< null for the server API
  std::map<std::string, std::string> tags;
  std::string idempotency_key;
  std::uint64_t conflation_key = 0;
  bool skip_history = false;
};
struct room_published {
  std::uint32_t ticket = 0;
  errc error = errc::none;
  stream_position position; ///< empty where no history is kept
};

// -- to the room: history -------------------------------------------------------------------------

struct read_history {
  reply_to origin;
  std::size_t limit = 0;
  std::optional<stream_position> since;
  bool reverse = false;
};
struct history_read {
  std::uint32_t ticket = 0;
  errc error = errc::none;
  publications items;
  stream_position position;
};
struct clear_history {
  reply_to origin;
};
struct history_cleared {
  std::uint32_t ticket = 0;
  errc error = errc::none;
};

// -- to the room: membership facts ----------------------------------------------------------------
// Where join/leave or a custom behaviour wants them.

struct member_joined {
  client_info_ptr info;
};
struct member_left {
  client_info_ptr info;
};

// -- between the room and its replicas, one a node ------------------------------------------------

/// A replica as its room knows it: by its handle when it is on the room's node, else by the name of
/// its node.
struct interested_party {
  caf::strong_actor_ptr replica;
  cluster::node_identity node;
  std::uint64_t version = 0; ///< of the node's interest; a later one outdates it
  friend bool operator==(const interested_party& a, const interested_party& b) noexcept {
    return a.replica == b.replica && a.node == b.node;
  }
};
struct declare_interest {
  interested_party who;
  stream_position known; ///< where the replica stands; empty if nowhere
};
struct interest_granted {
  history_content past; ///< of what was known already, only what came since, if that can be told
};
struct retract_interest {
  interested_party who;
};
/// One per interested node and publication.
struct fan_publication {
  publication_ptr what;
};
/// The same, by way of a third node: it may come before, or after, what the room says itself.
struct relayed_publication {
  std::string epoch;
  publication_ptr what;
};
struct fan_membership {
  client_info_ptr info;
  bool joined;
};
/// Where the room stands, some seconds after its last publication: who is behind asks for the rest.
struct room_head {
  stream_position position;
};
/// History was cleared up to there; the position stays.
struct fan_cleared {
  stream_position position;
};
/// The room's actor has died, moved, or been out of reach: ask whoever is it now.
struct interest_lost {};
/// A replica to itself: has the room answered those who wait?
struct joins_due {};
/// The same: has what was missing come by way of a relay?
struct relays_due {};

// -- to rooms and trackers, from the cluster layer of their node ----------------------------------

/// That life of a node is over.
struct node_gone {
  cluster::node_identity who;
};
/// The actor's shard has another owner now.
struct shard_lost {
  bool again = false; ///< by the actor to itself, behind what is still in its mailbox
};

// -- to the replica, from connections of its node -------------------------------------------------

/// The subscriber's answer rides the same ordered path as the publications (replica, fan worker,
/// connection), so nothing published meanwhile can be missed or seen twice.
struct join_replica {
  reply_to subscriber; ///< the connection and its ticket
  std::uint32_t loop = 0;
  bool recover = false;
  stream_position since;
  std::uint8_t asked = 0;                          ///< by the replica: rounds that it waits already
  std::chrono::steady_clock::time_point came_at{}; ///< kept by the replica
};
/// From a fan worker: the last member of this loop has gone. Counts only if no join is on its way.
struct loop_left {
  std::uint32_t loop = 0;
  std::uint64_t joins_seen = 0;
};

// -- to the fan worker of a loop ------------------------------------------------------------------

struct member_admitted {
  address room;
  caf::strong_actor_ptr replica;
  reply_to subscriber;
  errc error = errc::none;
  stream_position position;
  publications missed;
  bool recovered = false;
  std::uint64_t joins = 0; ///< admissions sent to this loop so far, this one included
};

/// One message encoded once per dialect; an empty frame where no member of the node speaks it.
struct encoded_message {
  std::array<frame, dialect_count> by_dialect;
  lane in = lane::event;
  std::uint64_t conflation_key = 0;
  bool members_only = false; ///< a join or leave: for those who asked for them
  std::uint64_t offset = 0;
  std::chrono::steady_clock::time_point accepted_at{};
};
struct fan_out {
  address room;
  std::shared_ptr<const encoded_message> message;
};

/// Ends all subscriptions of the loop to the room (>= 2500: clients resubscribe).
struct evict_members {
  address room;
  std::uint32_t code = 2500;
};

/// How many members has each room of this loop? `pattern` may hold `*`; "" = all.
struct count_members {
  reply_to origin;
  std::string tenant;
  std::string pattern;
};
struct members_counted {
  std::uint32_t ticket = 0;
  std::vector<std::pair<std::string, std::uint32_t>> rooms; ///< channel, members
  errc error = errc::none;
};

// -- to itself ------------------------------------------------------------------------------------

/// A fan worker: the next slice of a long fan-out.
struct next_slice {};
/// A room: its behaviour asked for this moment.
struct behavior_due {};
/// A link to a room: some of what it said to one node was left out, and there is room again.
struct room_lagged {};
/// A room: time to tell where it stands.
struct room_head_due {};
/// A room: is anybody still interested?
struct room_idle_check {};
/// A replica or a user: nobody was subscribed, or online, when this was sent.
struct linger_over {};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::publish_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::room_published)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::read_history)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::history_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::clear_history)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::history_cleared)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::member_joined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::member_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::declare_interest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::interest_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::retract_interest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::fan_publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::relayed_publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::fan_membership)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::fan_cleared)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::interest_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::room_head)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::room_lagged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::room_head_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::joins_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::relays_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::node_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::shard_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::join_replica)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::loop_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::member_admitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::fan_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::evict_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::count_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::members_counted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::next_slice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::behavior_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::room_idle_check)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::linger_over)
