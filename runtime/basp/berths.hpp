// berths: which actor on the other node takes what is sent on a connection. Any thread.
#pragma once

#include "runtime/peer_streams.hpp"

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>

#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace argosy::basp {

class berths {
public:
  using peer_connection = cluster::peer_connection;

  void add(peer_connection c, caf::actor peer) {
    const std::lock_guard lock{mutex_};
    peers_.insert_or_assign(c, std::move(peer));
  }
  void remove(peer_connection c) {
    const std::lock_guard lock{mutex_};
    peers_.erase(c);
  }
  /// Null for a connection that is not open.
  caf::actor peer(peer_connection c) const {
    const std::lock_guard lock{mutex_};
    const auto at = peers_.find(c);
    return at != peers_.end() ? at->second : caf::actor{};
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<peer_connection, caf::actor> peers_;
};

/// What the dock, its berths and the transport share.
struct harbour {
  std::shared_ptr<cluster::peer_streams> streams;
  caf::strong_actor_ptr owner; ///< hears of openings, batches and closings
  berths open;
};

} // namespace argosy::basp
