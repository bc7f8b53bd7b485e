// publication: one message of a room, as the room's owner accepted it.
#pragma once

#include "runtime/core/client_info.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace argosy {

/// A point in a room's history: `offset` counts from 1 inside `epoch`. Offset 0 is "before the
/// first".
struct stream_position {
  std::string epoch;
  std::uint64_t offset = 0;
  friend bool operator==(const stream_position&, const stream_position&) = default;
};

/// Immutable and shared by the ring of the owner, the rings of the replicas, and frames in the
/// making.
struct publication {
  std::uint64_t offset = 0;
  std::string data;     ///< JSON text (one line), or any bytes when published in a binary dialect
  client_info_ptr info; ///< the publisher; null for the server API
  std::map<std::string, std::string> tags;
  std::string idempotency_key;      ///< so that who salvages the room knows a retry
  std::int64_t time_ms = 0;         ///< wall clock at the owner, Unix milliseconds
  std::uint64_t conflation_key = 0; ///< non-zero: goes to lane::latest, newest of its key wins
  std::chrono::steady_clock::time_point accepted_at{}; ///< for the publish-to-write latency
};

using publication_ptr = std::shared_ptr<const publication>;
using publications = std::vector<publication_ptr>;

} // namespace argosy
