// connecting: what a connection remembers between the connect command and its reply, and then
// forgets.
#pragma once

#include "actors/connection/connection_actor.hpp"
#include "runtime/auth/claims.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy {

struct connection_actor::connecting {
  std::uint32_t id = 0;                                       ///< of the connect command
  std::vector<auth::subscription_grant> grants;               ///< server-side subscriptions
  std::vector<std::pair<std::string, subscribe_result>> subs; ///< of those, the answered ones
  std::size_t subs_pending = 0;
  bool owner_moved = false; ///< while the session was being opened: the new owner must know, too
  std::vector<std::pair<lane, frame>> held_frames; ///< publications that came before the reply

  /// Where the client stood, by channel (server-side subscriptions recover in the connect command).
  struct position {
    std::string channel;
    std::string epoch;
    std::uint64_t offset = 0;
  };
  std::vector<position> recover;

  /// What the token attaches to that subscription.
  std::string data_of(std::string_view channel) const {
    for (const auto& grant : grants)
      if (grant.channel == channel)
        return grant.data;
    return {};
  }

  /// Commands that came in the same breath: run again, without the first `skip`, once we are live.
  struct message {
    std::string payload;
    bool binary = false;
    std::size_t skip = 0;
  };
  std::vector<message> held_messages;
  std::size_t held_bytes = 0;
};

} // namespace argosy
