// joining: what a node that is not let in makes of it: what to tell the operator, and when to stop
// asking.
//
// Picture a sailor at a gangway. Nobody there: he waits, and says so now and then, each time less
// often. Somebody says no: he asks along the quay, because one man at one gangway may be wrong. If
// nobody says yes for a while, he goes home and repeats what he was told.
//
// A refusal is final when it has stood for 5 s in which no seed at all let this node talk, or when
// the leader has said no for 10 s (which is time enough for a dead node of the same name and
// another address to be declared down); and it is only a warning once the node has been a member.
// Pure; `now` is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::cluster {

class joining {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds refused_patience{5};
  static constexpr std::chrono::seconds leader_patience{10};
  static constexpr std::chrono::seconds first_warning{2};
  static constexpr std::chrono::seconds last_warning{60}; ///< between two of them, at most

  /// `seeds`: name and address of each; `self` may be one of them. Time begins at the first `tick`.
  joining(std::string self, std::vector<std::pair<std::string, std::string>> seeds);

  // -- what happens -------------------------------------------------------------------------------
  /// The greetings of both sides were to each other's liking.
  void reached(const std::string& seed);
  void vanished(const std::string& seed) { reached_.erase(seed); }
  /// Either side did not like the other's greeting, for that reason.
  void refused(const std::string& seed, std::string why, time_point now);
  void refused_by_leader(std::string why, time_point now);
  void joined();

  // -- what follows -------------------------------------------------------------------------------
  struct advice {
    std::optional<std::string> warning; ///< one sentence for the log
    std::optional<std::string> give_up; ///< one sentence: this will never do. Said once.
  };
  advice tick(time_point now);

private:
  struct refusal {
    std::string why;
    time_point since{};
    time_point last{};
  };

  std::optional<std::string> final_refusal(time_point now) const;
  std::string missing() const;
  bool enough_reached() const;

  std::string self_;
  std::vector<std::pair<std::string, std::string>> seeds_;
  std::set<std::string> reached_;
  std::map<std::string, refusal> refusals_; ///< by seed
  std::optional<refusal> leader_;
  bool was_member_ = false;
  bool member_ = false;
  bool gave_up_ = false;
  std::optional<time_point> next_warning_;
  std::chrono::seconds pause_{first_warning};
};

} // namespace argosy::cluster
