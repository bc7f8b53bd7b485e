// actor_kinds: the kinds of actors that people can list, and by what each is large.
//
// Pure; the shell completes and checks by it, each node sorts by it.
#pragma once

#include <array>
#include <string_view>

namespace argosy {

struct actor_kind {
  std::string_view name;
  std::string_view size; ///< the fact that says how large one is
  std::string_view meaning;
};

inline constexpr std::array actor_kinds{
    actor_kind{"room", "interested_nodes", "active rooms, on the nodes that own them"},
    actor_kind{"replica", "members", "rooms with subscribers, on each node that has some"},
    actor_kind{"user", "sessions", "online users, on the nodes that own them"},
    actor_kind{"presence", "entries", "presence trackers, one a shard and tenant"},
    actor_kind{"connection", "queued_bytes", "client connections"},
    actor_kind{"link", "queued_bytes", "links to other nodes"},
    actor_kind{"loop", "connections", "event loops"},
};

/// Null for a kind that there is not.
constexpr const actor_kind* find_kind(std::string_view name) noexcept {
  for (const auto& kind : actor_kinds)
    if (kind.name == name)
      return &kind;
  return nullptr;
}

} // namespace argosy
