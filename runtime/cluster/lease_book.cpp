#include "runtime/cluster/lease_book.hpp"

#include <algorithm>

namespace argosy::cluster {

namespace {

constexpr std::size_t decisions_max = 64;
/// Members, previous owners and the fenced: all that anybody may ask for.
constexpr std::size_t known_max = 3 * members_max;

/// True if `id` is, or was lately, a member.
bool known(const view& v, const node_identity& id) {
  const auto& previous = v.previous.members;
  return find(v, id) != nullptr || is_fenced(v, id)
         || std::any_of(previous.begin(), previous.end(),
                        [&](const placed_member& m) { return m.id == id; });
}

} // namespace

void lease_book::decided(const view& v, time_point now) {
  if (!decisions_.empty() && v.no <= newest_.no)
    return;
  newest_ = v;
  decisions_.push_back({v.no, now});
  if (decisions_.size() > decisions_max)
    decisions_.pop_front();
  std::erase_if(acknowledged_, [&](const auto& entry) { return !known(v, entry.first); });
  std::erase_if(dead_, [&](const node_identity& id) { return !known(v, id); });
}

void lease_book::quorum_contact(time_point sent_at) noexcept {
  last_quorum_contact_ = std::max(last_quorum_contact_, sent_at);
}

void lease_book::acknowledged(const node_identity& id, std::uint64_t view_no) {
  if (acknowledged_.size() >= known_max && !acknowledged_.contains(id))
    return;
  auto& newest = acknowledged_[id];
  newest = std::max(newest, view_no);
}

void lease_book::proven_dead(const node_identity& id) {
  if (dead_.size() < known_max)
    dead_.insert(id);
}

lease_answer lease_book::grant(const node_identity& id, time_point now) const {
  if (decisions_.empty())
    return {};
  lease_answer answer{lease_verdict::granted, newest_.no, {}};
  const auto acknowledged = acknowledged_.find(id);
  if (last_quorum_contact_ == time_point::min() || now - last_quorum_contact_ >= settings_.ttl)
    answer.verdict = lease_verdict::no_quorum;
  else if (find(newest_, id) == nullptr)
    answer.verdict = lease_verdict::no_member;
  else if (acknowledged == acknowledged_.end() || acknowledged->second < newest_.no)
    answer.verdict = lease_verdict::behind;
  else // rounded down: a promise may be shorter than it could be, never longer
    answer.ttl = std::min(settings_.ttl, std::chrono::floor<std::chrono::milliseconds>(
                                             settings_.ttl - (now - last_quorum_contact_)));
  return answer;
}

lease_book::time_point lease_book::fence_clear_at(std::uint64_t view_no,
                                                  const node_identity& old_owner) const {
  if (dead_.contains(old_owner))
    return time_point::min();
  if (const auto found = acknowledged_.find(old_owner);
      found != acknowledged_.end() && found->second >= view_no)
    return time_point::min();
  if (decisions_.empty() || view_no > newest_.no)
    return time_point::max();
  // the first decision that was known here of that view or a later one
  const auto known_at = std::find_if(decisions_.begin(), decisions_.end(),
                                     [&](const decision& d) { return d.view_no >= view_no; });
  return known_at->at + settings_.fence();
}

} // namespace argosy::cluster
