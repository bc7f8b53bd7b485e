// room_sequencer: gives every publication of a room its place, once.
//
// Picture the ticket machine of a shop: numbers without holes, one machine per shop, and whoever
// comes back with the slip of an earlier visit is shown the number already drawn. Pure: time and
// epoch are arguments.
#pragma once

#include "runtime/core/channel_options.hpp"
#include "runtime/core/dedupe_window.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/core/history.hpp"
#include "runtime/core/token_bucket.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace argosy {

class room_sequencer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  room_sequencer(const channel_options& options, std::string epoch);

  struct draft {
    std::string data;
    client_info_ptr publisher;
    std::map<std::string, std::string> tags;
    std::string idempotency_key;
    std::uint64_t conflation_key = 0;
    bool skip_history = false;
    std::int64_t wall_ms = 0;
  };
  struct outcome {
    errc error = errc::none;  ///< too_many_requests when the room's rate is used up
    publication_ptr accepted; ///< null for an error or a duplicate
    stream_position position; ///< of this publication, also for a duplicate
  };

  /// Refuses, recognises a duplicate, or sequences and remembers.
  outcome accept(draft d, time_point now);

  /// All that a successor needs, and the way back, before anything was accepted.
  history_content past_content(time_point now) { return history_.content(now); }
  std::vector<remembered_key> keys(time_point now) { return window_.content(now); }
  void adopt(history_content past, std::vector<remembered_key> keys, time_point now);

  history& past() noexcept { return history_; }
  const history& past() const noexcept { return history_; }

  /// True when nothing would be lost by forgetting this room: no history and nothing to dedupe.
  bool forgettable(time_point now);

private:
  token_rate rate_;
  token_bucket bucket_;
  history history_;
  dedupe_window window_;
};

} // namespace argosy
