// fan_member: what the fan worker of a loop knows of a connection that is in a room.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/strand.hpp"

#include <cstdint>

namespace argosy {

class room_members;

/// Implemented by the connection actor, on the same strand as the fan worker, so these are plain
/// calls.
class fan_member : public strand_actor {
public:
  /// The answer to join_replica. The member enters the room by `room_members::enter` from inside
  /// this call, or not at all if it no longer wants to.
  virtual void admitted(room_members& room, const member_admitted& answer) = 0;

  /// Its place in the room has changed.
  virtual void moved(std::uint32_t subscription, std::uint32_t position) noexcept = 0;

  /// A message of the room, for a member that asked to be passed by (see
  /// room_members::member::held).
  virtual void deliver_held(const frame& f, lane in) = 0;

  /// The socket refused a frame: the connection has a gap and must end as a slow consumer.
  virtual void overrun() = 0;

  /// The room no longer serves this subscription; its entry is gone already.
  virtual void evicted(std::uint32_t subscription, std::uint32_t code) = 0;

protected:
  using strand_actor::strand_actor;
};

} // namespace argosy
