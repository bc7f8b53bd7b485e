#include "runtime/cluster/head_digest.hpp"

#include <algorithm>
#include <utility>

namespace argosy::cluster {

namespace {

using what = head_difference::what;

// Positions as numbers of varying length: what a page spends besides the texts.
constexpr std::size_t head_overhead = 24;

std::size_t bytes_of(const room_head& head) noexcept {
  return head.room.size() + head.position.epoch.size() + head_overhead;
}

bool by_room(const room_head& a, const room_head& b) noexcept {
  return a.room < b.room;
}

} // namespace

std::vector<head_page> pages_of(std::vector<room_head> heads,
                                const head_digest_settings& settings) {
  std::sort(heads.begin(), heads.end(), by_room);
  std::vector<head_page> out(1);
  std::size_t bytes = 0;
  for (auto& head : heads) {
    const auto size = bytes_of(head);
    const bool full = out.back().heads.size() >= settings.page_heads_max
                      || bytes + size > settings.page_bytes_max;
    if (full && !out.back().heads.empty()) {
      auto after = out.back().heads.back().room;
      out.push_back({std::move(after), false, {}});
      bytes = 0;
    }
    bytes += size;
    out.back().heads.push_back(std::move(head));
  }
  out.back().last = true;
  return out;
}

std::vector<head_difference> compare(const head_page& page, const std::vector<room_head>& ours) {
  std::vector<head_difference> out;
  const room_head after{page.after, {}};
  auto here = page.after.empty() ? ours.begin()
                                 : std::upper_bound(ours.begin(), ours.end(), after, by_room);
  const auto unlisted = [&] {
    out.push_back({what::unlisted, here->room, {}, here->position});
    ++here;
  };
  for (const auto& there : page.heads) {
    while (here != ours.end() && here->room < there.room)
      unlisted();
    if (here == ours.end() || here->room != there.room) {
      out.push_back({what::unknown, there.room, there.position, {}});
      continue;
    }
    const auto& mine = (here++)->position;
    if (mine == there.position)
      continue;
    const auto kind = mine.epoch != there.position.epoch    ? what::other_epoch
                      : mine.offset < there.position.offset ? what::behind
                                                            : what::ahead;
    out.push_back({kind, there.room, there.position, mine});
  }
  while (page.last && here != ours.end())
    unlisted();
  return out;
}

bool well_formed(const head_page& page) noexcept {
  const auto not_rising =
      std::adjacent_find(page.heads.begin(), page.heads.end(),
                         [](const room_head& a, const room_head& b) { return a.room >= b.room; });
  if (not_rising != page.heads.end() || (page.heads.empty() && !page.last))
    return false;
  return page.heads.empty() || page.after.empty() || page.after < page.heads.front().room;
}

} // namespace argosy::cluster
