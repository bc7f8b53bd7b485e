#include "runtime/cluster/interest_set.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace argosy::cluster {

namespace {

constexpr auto name_less = [](const interest_set::line& l, std::string_view name) {
  return l.node.name < name;
};

} // namespace

bool interest_set::take(const line& news) {
  auto found = std::lower_bound(lines_.begin(), lines_.end(), news.node.name, name_less);
  if (found == lines_.end() || found->node.name != news.node.name)
    found = lines_.insert(found, {{news.node.name, 0}, 0, false});
  else if (std::pair{news.node.incarnation, news.version}
           <= std::pair{found->node.incarnation, found->version})
    return false;
  const auto known = std::exchange(*found, news);
  wanted_ += news.wanted ? 1 : 0;
  wanted_ -= known.wanted ? 1 : 0;
  while (lines_.size() - wanted_ > std::max(cancelled_max, wanted_))
    lines_.erase(std::find_if(lines_.begin(), lines_.end(), [&](const line& l) {
      return !l.wanted && l.node.name != news.node.name;
    }));
  const bool changed = known.wanted != news.wanted || (news.wanted && known.node != news.node);
  revision_ += changed ? 1 : 0;
  return changed;
}

bool interest_set::drop(const node_identity& node) {
  const auto found = std::lower_bound(lines_.begin(), lines_.end(), node.name, name_less);
  if (found == lines_.end() || found->node.name != node.name
      || found->node.incarnation > node.incarnation)
    return false;
  const bool was_wanted = found->wanted;
  wanted_ -= was_wanted ? 1 : 0;
  revision_ += was_wanted ? 1 : 0;
  lines_.erase(found);
  return was_wanted;
}

bool interest_set::wants(const node_identity& node) const noexcept {
  const auto found = std::lower_bound(lines_.begin(), lines_.end(), node.name, name_less);
  return found != lines_.end() && found->node == node && found->wanted;
}

std::vector<node_identity> interest_set::nodes() const {
  std::vector<node_identity> out;
  out.reserve(wanted_);
  for_each([&](const node_identity& node) { out.push_back(node); });
  return out;
}

} // namespace argosy::cluster
