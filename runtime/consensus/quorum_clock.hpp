// quorum_clock: until when a leader may believe that it still leads.
//
// Picture a guide who calls into the fog and counts who answers. An answer proves that its giver
// followed him when the call went out, and no later: a slow answer is an old one. So each round of
// messages has a number, the answer repeats it, and what counts is when that round was sent. The
// instant here is the latest at which a majority, the leader included, is known to have followed;
// an election timeout past it somebody else may lead.
//
// Pure; `now` is an argument. One per voter; started anew with each leadership, of which a term has
// at most one, so (term, round) names a round for good. Holds the last 256 rounds; the answer to an
// older one proves nothing of use.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace argosy::consensus {

class quorum_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit quorum_clock(std::size_t voters) : voters_(voters) {}

  void lead(std::uint64_t term);
  void follow() noexcept;
  bool leads(std::uint64_t term) const noexcept { return term_ == term; }

  /// The number to put on what is sent at `now`. Never 0.
  std::uint64_t round(time_point now);

  void answered(std::uint64_t voter, std::uint64_t term, std::uint64_t round);

  /// Nothing while no majority has answered. A single voter is its own majority, now.
  std::optional<time_point> last_contact(time_point now) const;

private:
  struct sent_round {
    std::uint64_t number = 0;
    time_point at{};
  };

  std::size_t voters_;
  std::uint64_t term_ = 0; ///< 0 = does not lead
  std::uint64_t next_ = 1;
  std::deque<sent_round> rounds_;
  std::map<std::uint64_t, time_point> contacts_; ///< of the other voters
};

} // namespace argosy::consensus
