#include "runtime/cluster/succession.hpp"

#include <algorithm>
#include <utility>

namespace argosy::cluster {

succession::succession(std::string self, std::vector<std::string> voters)
    : self_(std::move(self)), voters_(std::move(voters)) {
  std::sort(voters_.begin(), voters_.end());
}

void succession::lost(const node_identity& who, std::uint64_t term) {
  if (who.name == self_ || !std::binary_search(voters_.begin(), voters_.end(), who.name))
    return;
  auto& end = ended_[who.name];
  if (who.incarnation >= end.incarnation)
    end = {who.incarnation, std::max(term, end.term)};
}

void succession::heard(const node_identity& who) {
  if (const auto found = ended_.find(who.name);
      found != ended_.end() && found->second.incarnation == who.incarnation)
    ended_.erase(found);
}

bool succession::gone(std::string_view leader, std::uint64_t term) const {
  const auto found = ended_.find(leader);
  return found != ended_.end() && term <= found->second.term;
}

/// Of this voter, in the order in which they stand.
std::size_t succession::place_among(bool the_living) const {
  std::size_t place = 0;
  for (const auto& name : voters_) {
    if (name == self_)
      break;
    place += the_living && ended_.contains(name) ? 0 : 1;
  }
  return place;
}

/// The first time around by the order of those that live, which voters may see differently; from
/// then on by the order of all, so that two who clashed do not clash again.
bool succession::due(const situation& s, time_point now) {
  if (s.leads || (!s.leader.empty() && !gone(s.leader, s.term))) {
    vacant_ = false;
    return false;
  }
  const auto next_round = [&] {
    return now + static_cast<int>(voters_.size() + place_among(false)) * turn;
  };
  if (!vacant_) {
    if (s.leader.empty())
      return false; // nobody was followed: Raft's own patience is the right one
    vacant_ = true;
    term_ = s.term;
    next_ = now + static_cast<int>(place_among(true)) * turn;
  } else if (s.term != std::exchange(term_, s.term)) {
    next_ = next_round(); // somebody stands already
  }
  if (now < next_)
    return false;
  next_ = next_round();
  return true;
}

} // namespace argosy::cluster
