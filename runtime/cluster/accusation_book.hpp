// accusation_book: what the leader of the views makes of accusations: who is to be condemned.
//
// Picture a harbour master with a slate: a ship is struck off when two watches report it silent, or
// at once when someone saw it sink; he waits a moment before he writes the new list, because what
// sank one ship may have sunk another; he does not strike off a ship that he hears himself; and he
// never strikes off so many that those left could not sign the list.
//
// Two accusers that are up, each not accused by more than he accuses with; one is enough where the
// leader hears of no second observer. What is not renewed for 5 s is forgotten. Of the voters a
// majority always stays. Pure; one per leadership, `now` is an argument.
#pragma once

#include "runtime/cluster/view.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace argosy::cluster {

struct accusation_settings {
  std::size_t accusers = 2;
  std::chrono::milliseconds batch{200};
  std::chrono::milliseconds expiry{5000};
  /// The leader's own ear: who spoke to it within this time is not condemned by others' word.
  std::chrono::milliseconds traffic_grace{1000};
  /// A member that the leader has not heard for this long is not waited for as an accuser.
  std::chrono::milliseconds silent_after{3000};
};

class accusation_book {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `voters`: the names of the seeds. `leader` is this node; `now` the start of its leadership.
  accusation_book(node_identity leader, std::vector<std::string> voters, time_point now,
                  const accusation_settings& settings = {});

  void accuse(const node_identity& accuser, const node_identity& target, time_point now);
  void withdraw(const node_identity& accuser, const node_identity& target);

  /// A peer was refused a connection where that node listened, or a newer life of its name is
  /// there, as was known at `since`: what has passed of the batch's wait since then has passed.
  void proof_of_death(const node_identity& target, time_point since);

  /// Anything at all came from that member to the leader: a renewal, an accusation.
  void heard_from(const node_identity& member, time_point now);

  /// Whom to condemn now, in order of their names; the same again until a view without them is
  /// given. To be called every 100 ms or so with the newest decided view.
  std::vector<node_identity> due(time_point now, const view& v);

private:
  struct charge {
    std::map<node_identity, time_point> accusers; ///< and when each last said it
    bool proven = false;
    time_point proven_since{};
    bool ripe = false; ///< enough was said, since `ripe_since` without a break
    time_point ripe_since{};
  };

  void forget(time_point now, const view& v);
  bool enough(const node_identity& target, const charge& c, time_point now, const view& v) const;
  std::size_t count(const node_identity& target, const view& v) const;
  bool silent(const node_identity& member, time_point now) const;
  std::vector<node_identity> within_majority(std::vector<node_identity> ripe, const view& v) const;

  node_identity leader_;
  std::vector<std::string> voters_;
  accusation_settings settings_;
  time_point since_;
  std::map<node_identity, charge> charges_;
  std::map<node_identity, time_point> heard_;
};

} // namespace argosy::cluster
