#include "runtime/cluster/salvage.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>
#include <utility>

namespace argosy::cluster {

namespace {

std::uint64_t view_of(const std::string& epoch) {
  std::uint64_t no = 0;
  std::from_chars(epoch.data(), epoch.data() + epoch.size(), no);
  return no;
}

bool is_older(const history_content& a, const history_content& b) {
  const auto& [epoch, offset] = a.position;
  if (epoch == b.position.epoch)
    return offset < b.position.offset;
  const auto descends = [](const history_content& from, const std::string& ancestor) {
    return std::any_of(from.ancestors.begin(), from.ancestors.end(),
                       [&](const stream_position& p) { return p.epoch == ancestor; });
  };
  if (descends(b, epoch))
    return true;
  if (descends(a, b.position.epoch))
    return false;
  return std::tuple{view_of(epoch), offset}
         < std::tuple{view_of(b.position.epoch), b.position.offset};
}

/// Both of one epoch and in order: what `more` has and `into` has not. The union has no hole in it
/// that neither had.
void merge_tail(publications& into, publications more) {
  publications both;
  std::merge(into.begin(), into.end(), more.begin(), more.end(), std::back_inserter(both),
             [](const auto& a, const auto& b) { return a->offset < b->offset; });
  both.erase(std::unique(both.begin(), both.end(),
                         [](const auto& a, const auto& b) { return a->offset == b->offset; }),
             both.end());
  into = std::move(both);
}

/// What precedes a hole is of no use to anybody.
void keep_contiguous_end(history_content& past) {
  auto& tail = past.tail;
  auto wanted = past.position.offset;
  auto from = tail.end();
  while (from != tail.begin() && (*std::prev(from))->offset == wanted) {
    --from;
    --wanted;
  }
  tail.erase(tail.begin(), from);
}

/// Up to which offset what `older` says is true of `newer`, too.
std::uint64_t common_until(const history_content& newer, const history_content& older) {
  if (newer.position.epoch == older.position.epoch)
    return older.position.offset;
  for (const auto& last : newer.ancestors)
    if (last.epoch == older.position.epoch)
      return std::min(last.offset, older.position.offset);
  return 0;
}

/// The keys of a copy that was left behind, as far as they are of the same publications.
void merge_keys(room_content& into, room_content& older) {
  const auto until = common_until(into.past, older.past);
  for (auto& k : older.keys)
    if (k.offset <= until)
      into.keys.push_back(std::move(k));
}

/// The keys that the publications came with, and those that were remembered; each once, oldest
/// first, by its newest use, and none of what was never found.
void gather_keys(room_content& r) {
  for (const auto& p : r.past.tail)
    if (!p->idempotency_key.empty())
      r.keys.push_back({p->idempotency_key, p->offset, p->accepted_at});
  std::erase_if(r.keys, [&](const auto& k) { return k.offset > r.past.position.offset; });
  std::stable_sort(r.keys.begin(), r.keys.end(), [](const auto& a, const auto& b) {
    return std::tie(a.key, b.since) < std::tie(b.key, a.since);
  });
  r.keys.erase(std::unique(r.keys.begin(), r.keys.end(),
                           [](const auto& a, const auto& b) { return a.key == b.key; }),
               r.keys.end());
  std::stable_sort(r.keys.begin(), r.keys.end(),
                   [](const auto& a, const auto& b) { return a.since < b.since; });
}

} // namespace

std::string epoch_name(std::uint64_t view_no, const std::string& token) {
  return std::to_string(view_no) + '.' + token;
}

void salvage::take(room_contents found) {
  for (auto& r : found) {
    auto [at, fresh] = rooms_.try_emplace(r.room);
    auto& known = at->second;
    if (fresh) {
      known = std::move(r);
      continue;
    }
    interest_set interest;
    for (const auto& line : known.interest)
      interest.take(line);
    for (const auto& line : r.interest)
      interest.take(line);
    const bool same_epoch = known.past.position.epoch == r.past.position.epoch;
    if (is_older(known.past, r.past))
      std::swap(known, r);
    if (same_epoch)
      merge_tail(known.past.tail, std::move(r.past.tail));
    merge_keys(known, r);
    known.interest = interest.lines();
  }
}

room_contents salvage::finish(const std::function<std::string()>& next_epoch) && {
  room_contents out;
  out.reserve(rooms_.size());
  for (auto& [at, r] : rooms_)
    out.push_back(std::move(r));
  std::sort(out.begin(), out.end(), [](const room_content& a, const room_content& b) {
    return a.room.text() < b.room.text();
  });
  for (auto& r : out) {
    gather_keys(r);
    keep_contiguous_end(r.past);
    descend(r.past, next_epoch());
  }
  return out;
}

} // namespace argosy::cluster
