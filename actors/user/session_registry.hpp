// session_registry: this node's connections of named users, by client id; only in a fleet.
//
// A user's session table may be on another node, which names the connections it means by their ids.
// One lock per slice; an entry costs about 80 bytes.
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/core/client_info.hpp"

#include <caf/actor_control_block.hpp>

#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace argosy {

class session_registry {
public:
  void add(client_id client, const address& user, caf::strong_actor_ptr connection) {
    auto& s = slice_of(client);
    const std::lock_guard guard{s.mutex};
    s.sessions[client] = {user, std::move(connection)};
  }
  void remove(client_id client) {
    auto& s = slice_of(client);
    const std::lock_guard guard{s.mutex};
    s.sessions.erase(client);
  }
  caf::strong_actor_ptr find(client_id client) const {
    const auto& s = slice_of(client);
    const std::lock_guard guard{s.mutex};
    const auto found = s.sessions.find(client);
    return found == s.sessions.end() ? nullptr : found->second.second;
  }
  /// The connections whose user `wanted(address)` picks.
  template <class Wanted>
  std::vector<caf::strong_actor_ptr> pick(Wanted&& wanted) const {
    std::vector<caf::strong_actor_ptr> out;
    for (const auto& s : slices_) {
      const std::lock_guard guard{s.mutex};
      for (const auto& [client, entry] : s.sessions)
        if (wanted(entry.first))
          out.push_back(entry.second);
    }
    return out;
  }

private:
  struct slice {
    mutable std::mutex mutex;
    std::unordered_map<client_id, std::pair<address, caf::strong_actor_ptr>> sessions;
  };
  static constexpr std::size_t slice_count = 64;
  slice& slice_of(client_id client) const { return slices_[client.low % slice_count]; }

  mutable std::array<slice, slice_count> slices_;
};

} // namespace argosy
