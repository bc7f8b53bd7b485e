#include "actors/gateway/gateway.hpp"

#include "actors/connection/connection_actor.hpp"
#include "actors/gateway/readiness.hpp"
#include "runtime/core/channel_rules.hpp"
#include "runtime/protocol/dialect.hpp"

#include <algorithm>
#include <chrono>

namespace argosy {

namespace {

/// Addresses that a slice remembers after their last socket has gone, for the rate of their
/// connects. Beyond it all of those are forgotten: their buckets start full, and memory stays
/// bounded.
constexpr std::size_t visitors_remembered_max = 4096;

constexpr std::uint32_t retry_after_s = 1;

/// The first subprotocol that was offered and that we speak; "" if none was offered.
std::string_view choose_subprotocol(std::string_view offered, bool& acceptable) {
  acceptable = offered.empty();
  while (!offered.empty()) {
    const auto comma = std::min(offered.find(','), offered.size());
    auto name = offered.substr(0, comma);
    offered.remove_prefix(std::min(comma + 1, offered.size()));
    while (name.starts_with(' '))
      name.remove_prefix(1);
    while (name.ends_with(' '))
      name.remove_suffix(1);
    for (const auto* d : {&json_dialect(), &capnp_dialect()})
      if (!d->subprotocol().empty() && d->subprotocol() == name) {
        acceptable = true;
        return d->subprotocol();
      }
  }
  return {};
}

} // namespace

bool gateway::may_enter(std::string_view peer_address) {
  if (!counts_visitors())
    return true;
  auto& there = slice_of(peer_address);
  std::lock_guard guard{there.mutex};
  if (there.visitors.size() >= visitors_remembered_max)
    std::erase_if(there.visitors, [](const auto& entry) { return entry.second.open == 0; });
  auto& from = there.visitors[std::string{peer_address}];
  const bool room =
      limits_.connections_per_ip_max == 0 || from.open < limits_.connections_per_ip_max;
  if (!room || !from.connects.take(limits_.connects_per_ip, std::chrono::steady_clock::now()))
    return false;
  ++from.open;
  return true;
}

void gateway::left(std::string_view peer_address) {
  if (!counts_visitors())
    return;
  auto& there = slice_of(peer_address);
  std::lock_guard guard{there.mutex};
  const auto found = there.visitors.find(std::string{peer_address});
  if (found == there.visitors.end())
    return;
  if (--found->second.open == 0 && limits_.connects_per_ip.per_second <= 0)
    there.visitors.erase(found);
}

bool gateway::origin_allowed(std::string_view origin) const {
  // Only browsers send an origin, and only for them does the check mean anything (RFC 6455, 10.2).
  return limits_.allowed_origins.empty() || origin.empty()
         || std::any_of(limits_.allowed_origins.begin(), limits_.allowed_origins.end(),
                        [&](const auto& pattern) { return matches(pattern, origin); });
}

// A fenced node acknowledges nothing, so a newcomer is better off elsewhere; who is in stays. A
// node that is joining will be up in a moment, sooner than a client that is refused comes back.
std::string_view gateway::why_closed() const {
  const auto why = why_not_ready(standing_of(node_, *this));
  if (why == "draining" || why == "leaving")
    return "this node is draining, connect to another one";
  return why == "fenced" ? "this node has lost touch with its fleet, connect to another one" : "";
}

socket_gateway::verdict gateway::judge(const upgrade_request& request) {
  if (const auto why = why_closed(); !why.empty())
    return {false, {}, {503, std::string{why}, retry_after_s}};
  if (!origin_allowed(request.origin))
    return {false, {}, {403, "origin not allowed", 0}};
  bool acceptable = false;
  const auto chosen = choose_subprotocol(request.subprotocols, acceptable);
  if (!acceptable)
    return {false, {}, {400, "none of the offered WebSocket subprotocols is spoken here", 0}};
  return {true, chosen, {}};
}

socket_handler* gateway::open(socket_loop& loop, socket_id socket, const upgrade_request&,
                              std::string_view subprotocol) {
  auto made = spawn_on<connection_actor>(node_.system, *strands_[loop.index()], node_, socket,
                                         dialect_for(subprotocol));
  auto& connection = actor_object<connection_actor>(made);
  connection.begin();
  return &connection;
}

} // namespace argosy
