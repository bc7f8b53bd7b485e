// succession: when a voter stands for election although its patience is not over, because it knows
// that the leader is gone.
//
// Picture a crew whose captain went overboard before their eyes. Nobody waits the hour that the
// rules give a captain who is late; but they do not all shout at once, either: the first officer
// calls for the vote, then the second, then the third. A vote counts only from who has himself seen
// the captain go, so a captain whom but a few believe to be gone keeps his ship, and whoever hears
// him again thinks better of it.
//
// Evidence is of a life (name, incarnation) and of the terms up to the one in which it was found:
// the next life of that voter may lead a later one. Standing early is safe whatever the evidence is
// worth, since Raft's own rules decide (and pre-votes, that a majority must believe it); it is only
// ever of use. Pure; one per voter, `now` is an argument.
#pragma once

#include "runtime/cluster/member.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::cluster {

class succession {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Between one voter and the next: enough for a vote between them, also on a busy machine.
  static constexpr std::chrono::milliseconds turn{100};

  succession(std::string self, std::vector<std::string> voters);

  /// That life of a voter has ended, or is silent, as this voter knows in `term`.
  void lost(const node_identity& who, std::uint64_t term);
  /// It has spoken: what was said of that life is void.
  void heard(const node_identity& who);

  /// What Raft says on this voter. `leader` is empty where it knows of none.
  struct situation {
    std::string_view leader;
    std::uint64_t term = 0;
    bool leads = false;
  };

  /// True if this voter should stand for election now. To be called every 50 ms or so.
  bool due(const situation& s, time_point now);

private:
  struct end_of_life {
    std::uint64_t incarnation = 0;
    std::uint64_t term = 0;
  };

  bool gone(std::string_view leader, std::uint64_t term) const;
  std::size_t place_among(bool the_living) const;

  std::string self_;
  std::vector<std::string> voters_; ///< in the order in which they stand
  std::map<std::string, end_of_life, std::less<>> ended_;
  bool vacant_ = false; ///< the leader that was followed is gone, and no other is known
  std::uint64_t term_ = 0;
  time_point next_{};
};

} // namespace argosy::cluster
