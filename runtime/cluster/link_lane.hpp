// link_lane: the priority classes of what goes from one node to another, and what may happen to an
// envelope when its link cannot keep up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace argosy::cluster {

/// Highest priority first; order holds inside a lane.
enum class link_lane : std::uint8_t {
  control, ///< views, leases, handoff: what keeps the cluster in one piece
  ack,     ///< answers to questions and publishes
  event,   ///< publications of rooms, commands to owners
  latest,  ///< values of which only the newest counts
  bulk,    ///< ranges, snapshots, digests: large and patient
};
inline constexpr std::size_t link_lane_count = 5;

constexpr std::string_view to_string(link_lane lane) noexcept {
  constexpr std::string_view names[]{"control", "ack", "event", "latest", "bulk"};
  return names[static_cast<std::size_t>(lane)];
}

/// What gives way when the backlog of a link is full.
enum class message_class : std::uint8_t {
  must_deliver, ///< the newcomer is refused, and its sender answers retry_later
  conflate,     ///< the newest of a key replaces the queued one; then as drop_old
  lag,          ///< the key's queue is dropped whole, and its room catches the node up by ranges
  drop_old,     ///< the oldest that may be dropped in the lane makes room
};

/// Encoded once, shared by the outbox of every link that it goes to.
using shared_bytes = std::shared_ptr<const std::string>;

} // namespace argosy::cluster
