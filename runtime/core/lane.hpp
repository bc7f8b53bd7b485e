// lane: the priority class of an outbound frame, and what happens when a lane is over its budget.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace argosy {

/// Highest priority first. A lane is never written while a higher one holds a frame, and order
/// holds inside a lane.
enum class lane : std::uint8_t {
  control, ///< pings, disconnects, unsubscribe and gap notices
  ack,     ///< replies to commands
  direct,  ///< messages to one user
  event,   ///< publications of rooms: ordered, never dropped in silence
  latest,  ///< values of which only the newest counts, conflated by key
};

inline constexpr std::size_t lane_count = 5;

/// What to do with a frame that would cross its lane's budget.
enum class overflow_policy : std::uint8_t {
  disconnect,  ///< the connection is a slow consumer: close 3008, the client resumes
  drop_oldest, ///< make room at the head
  drop_new,    ///< refuse the newcomer
  conflate,    ///< replace the queued frame of the same key, else drop the oldest
};

struct lane_budget {
  std::size_t bytes_max = 1 << 20;
  std::chrono::milliseconds age_max{0}; ///< 0 = no limit
  overflow_policy policy = overflow_policy::disconnect;
};

/// The budgets of a connection's outbound queue. `total_bytes_max` caps the sum over all lanes.
struct outbound_limits {
  std::size_t total_bytes_max = 1 << 20;
  std::array<lane_budget, lane_count> lanes{{
      {64 << 10, {}, overflow_policy::disconnect},
      {1 << 20, {}, overflow_policy::disconnect},
      {1 << 20, {}, overflow_policy::disconnect},
      {1 << 20, {}, overflow_policy::disconnect},
      {256 << 10, {}, overflow_policy::conflate},
  }};
};

} // namespace argosy
