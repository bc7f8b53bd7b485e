// subscription: one room of one connection, from the client's wish to the last message.
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/core/client_info.hpp"

#include <chrono>
#include <cstdint>

namespace argosy {

class room_members;

struct subscription {
  address room;
  room_members* members =
      nullptr;                ///< null while the replica has not admitted us, and in personal rooms
  std::uint32_t position = 0; ///< among the members
  std::uint32_t ticket = 0;   ///< the command that waits for an answer; 0 = none does
  bool server_side : 1 = false;
  bool personal : 1 = false;   ///< served by the user actor, not by a room
  bool presence : 1 = false;   ///< an entry stands in the tracker
  bool join_leave : 1 = false; ///< the room is told of our coming and going
  bool wants_join_leave : 1 = false;
  bool recoverable : 1 = false;
  bool positioned : 1 = false;
  bool was_recovering : 1 = false;
  bool or_unrecoverable : 1 = false; ///< flag & 2: error 112 instead of recovered:false
  client_info_ptr info;              ///< what others see of us here
  std::chrono::steady_clock::time_point expires{}; ///< zero = never
};

} // namespace argosy
