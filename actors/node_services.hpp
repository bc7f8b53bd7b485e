// node_services: what every actor of a node may lean on; built once by the composition root.
//
// Read-only after start, so any thread may read it; it outlives all actors.
#pragma once

#include "actors/user/session_registry.hpp"
#include "runtime/boot_time.hpp"
#include "runtime/cluster/presence_talk.hpp"
#include "runtime/core/channel_options.hpp"
#include "runtime/core/repetition.hpp"
#include "runtime/core/token_bucket.hpp"
#include "runtime/metrics/node_metrics.hpp"
#include "runtime/other_nodes.hpp"
#include "runtime/room_behavior.hpp"
#include "runtime/router.hpp"
#include "runtime/strand.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace argosy {

namespace auth {
class token_verifier;
}

/// Limits and times of one client connection.
struct client_limits {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds pong_timeout{8'000};
  std::chrono::milliseconds stale_timeout{10'000};
  std::chrono::milliseconds refresh_grace{25'000};
  std::uint32_t channels_max = 128;
  std::uint32_t connections_per_user_max = 0; ///< 0 = no cap
  bool oldest_session_gives_way = false;      ///< beyond that cap, instead of the newest
  std::uint32_t recovery_publications_max = 300;
  std::uint32_t history_publications_max = 300;
  std::uint32_t presence_list_max = 1'000; ///< a longer list helps nobody; counts stay exact
  token_rate commands{0, 0};
  bool insecure = false;      ///< the client says who it is
  bool anonymous = false;     ///< a connect without a token is let in as user ""
  bool personal_rooms = true; ///< every named user is subscribed to `user:ID`
  std::string personal_prefix = "user:";
};

struct node_services {
  node_services(caf::actor_system& on, router& by, node_metrics& counted)
      : system(on), routes(by), metrics(counted) {}

  caf::actor_system& system;
  router& routes;
  node_metrics& metrics;
  std::string node_name = "argosy";
  std::uint32_t relay_above = 16; ///< rooms of more nodes are told by way of relays; 0 = none are
  std::string version;
  client_limits limits;
  presence_limits presence;
  std::shared_ptr<const namespaces> channels;
  const auth::token_verifier* tokens = nullptr;
  behavior_factory behaviors;
  caf::strong_actor_ptr presence_agent;
  caf::strong_actor_ptr admin;                    ///< answers for this node, and asks the others
  std::vector<caf::strong_actor_ptr> fan_workers; ///< by loop
  std::function<bool()> deflate_wanted = [] { return false; };
  other_nodes* others = nullptr; ///< null on a node alone
  session_registry sessions;     ///< kept only where there are others
  shared_repetition told;        ///< what the log has heard of clients lately; any thread
  /// The clock of leases, which goes on while the machine is suspended.
  std::function<std::chrono::steady_clock::time_point()> boot_clock = boot_time;
  /// Until when by that clock this node may act as an owner; max() = it needs no lease. A time and
  /// not a flag: a process that was stopped acts on before anybody tells it that its lease is over.
  std::atomic<std::chrono::steady_clock::time_point> acts_until{
      std::chrono::steady_clock::time_point::max()};
  /// Without a valid lease another node may own what this one owned: nothing is acknowledged.
  bool fenced() const {
    const auto until = acts_until.load(std::memory_order_relaxed);
    return until != std::chrono::steady_clock::time_point::max() && boot_clock() >= until;
  }
  std::atomic<std::uint64_t> interest_changes{0}; ///< numbers what replicas say to rooms
};

/// The address of the tracker that keeps a room's presence.
inline address tracker_of(const address& room) {
  return {room.tenant(), address_kind::presence, std::to_string(room.shard())};
}

} // namespace argosy
