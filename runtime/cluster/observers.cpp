#include "runtime/cluster/observers.hpp"

#include "runtime/cluster/stable_hash.hpp"

#include <algorithm>
#include <utility>

namespace argosy::cluster {

namespace {

std::vector<std::uint64_t> name_hashes(const view& v) {
  std::vector<std::uint64_t> hashes;
  for (const auto& m : v.members)
    hashes.push_back(stable_hash(m.id.name));
  return hashes;
}

/// A lower draw is a better observer. Members are sorted by name, so the index breaks a tie alike
/// everywhere.
std::pair<std::uint64_t, std::size_t> draw(const std::vector<std::uint64_t>& hashes,
                                           std::size_t target, std::size_t observer) {
  return {stable_hash(hashes[target], hashes[observer]), observer};
}

std::size_t index_in(const view& v, const node_identity& id) {
  const auto* m = find(v, id);
  return m == nullptr ? v.members.size() : static_cast<std::size_t>(m - v.members.data());
}

} // namespace

std::vector<node_identity> observers_of(const view& v, const node_identity& target) {
  const auto hashes = name_hashes(v);
  const auto watched = index_in(v, target);
  if (watched == v.members.size())
    return {};
  std::vector<std::pair<std::uint64_t, std::size_t>> draws;
  for (std::size_t i = 0; i < v.members.size(); ++i)
    if (i != watched)
      draws.push_back(draw(hashes, watched, i));
  std::sort(draws.begin(), draws.end());
  draws.resize(std::min(draws.size(), observers_max));
  std::vector<node_identity> observers;
  for (const auto& d : draws)
    observers.push_back(v.members[d.second].id);
  return observers;
}

std::vector<node_identity> watched_by(const view& v, const node_identity& self) {
  const auto hashes = name_hashes(v);
  const auto me = index_in(v, self);
  std::vector<node_identity> watched;
  for (std::size_t target = 0; me < v.members.size() && target < v.members.size(); ++target) {
    if (target == me)
      continue;
    const auto mine = draw(hashes, target, me);
    std::size_t better = 0;
    for (std::size_t other = 0; other < v.members.size() && better < observers_max; ++other)
      if (other != me && other != target && draw(hashes, target, other) < mine)
        ++better;
    if (better < observers_max)
      watched.push_back(v.members[target].id);
  }
  return watched;
}

} // namespace argosy::cluster
