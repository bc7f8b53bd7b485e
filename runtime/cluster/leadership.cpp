#include "runtime/cluster/leadership.hpp"

#include <algorithm>

namespace argosy::cluster {

namespace {

/// So many newcomers may wait; more are told to come again by their own repeats.
constexpr std::size_t joining_max = 1024;

} // namespace

leadership::leadership(node_identity self, std::vector<std::string> voters,
                       time_point predecessors_contact, time_point now)
    : accusations_(std::move(self), std::move(voters), now),
      predecessors_contact_(predecessors_contact) {
}

void leadership::asks_to_join(const member& who, time_point now) {
  accusations_.heard_from(who.id, now);
  if (joining_.size() < joining_max)
    joining_[who.id] = who;
}

void leadership::holds_nothing(const node_identity& who, std::uint64_t view_no) {
  auto& since = empty_since_[who];
  since = std::max(since, view_no);
}

void leadership::accused(const node_identity& by, const node_identity& target, bool withdrawn,
                         time_point now) {
  accusations_.heard_from(by, now);
  if (withdrawn)
    accusations_.withdraw(by, target);
  else
    accusations_.accuse(by, target, now);
}

void leadership::proven_dead(const node_identity& who, time_point since) {
  accusations_.proof_of_death(who, since);
  leases_.proven_dead(who);
}

lease_answer leadership::lease_wanted(const node_identity& who, std::uint64_t acknowledged_view,
                                      time_point last_quorum_contact, time_point now) {
  accusations_.heard_from(who, now);
  auto& newest = acknowledged_[who];
  newest = std::max(newest, acknowledged_view);
  leases_.acknowledged(who, acknowledged_view);
  leases_.quorum_contact(last_quorum_contact);
  if (condemned_.contains(who))
    return {lease_verdict::no_member, 0, {}};
  const auto answer = leases_.grant(who, now);
  if (answer.verdict == lease_verdict::granted)
    granted_at_[who] = now;
  return answer;
}

std::optional<view> leadership::next(const view& current, time_point now) {
  if (auto after = let_fall(current, now))
    return after;
  if (auto after = raise_ready(current))
    return after;
  if (auto after = admit_one(current))
    return after;
  return let_go(current);
}

// From this proposal on they get no lease, so what is left of the last one only shrinks until the
// proposal is decided. If it never is, this leadership is over.
std::optional<view> leadership::let_fall(const view& current, time_point now) {
  const auto due = accusations_.due(now, current);
  auto after = condemn(current, due);
  if (!after)
    return std::nullopt;
  for (const auto& who : due)
    if (find(current, who) != nullptr) {
      condemned_.insert(who);
      after.next->leases_left.push_back(
          {who, static_cast<std::uint32_t>(lease_left_of(who, now).count())});
      granted_at_.erase(who);
    }
  return std::move(after.next);
}

// An earlier leader has granted nothing that lasts longer than a lease from when it last had a
// majority: lease_book.hpp, (2).
std::chrono::milliseconds leadership::lease_left_of(const node_identity& who,
                                                    time_point now) const {
  const auto granted = granted_at_.find(who);
  const auto last = granted == granted_at_.end() ? predecessors_contact_
                                                 : std::max(granted->second, predecessors_contact_);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(last + lease_settings{}.fence() - now);
  return std::max(left, std::chrono::milliseconds{0});
}

// A joining member that acts by a view in which it is joining is ready to own something.
std::optional<view> leadership::raise_ready(const view& current) const {
  std::vector<node_identity> ready;
  for (const auto& m : current.members)
    if (m.state == member_state::joining)
      if (const auto found = acknowledged_.find(m.id);
          found != acknowledged_.end() && found->second == current.no)
        ready.push_back(m.id);
  return ready.empty() ? std::nullopt : raise(current, ready).next;
}

std::optional<view> leadership::admit_one(const view& current) {
  while (!joining_.empty()) {
    const auto who = std::move(joining_.extract(joining_.begin()).mapped());
    auto after = admit(current, who);
    if (after)
      return std::move(after.next);
    if (after.why != refusal::already)
      refusals_.push_back({who.id, std::move(after.text), after.why == refusal::fenced});
  }
  return std::nullopt;
}

std::optional<view> leadership::let_go(const view& current) {
  for (auto i = leaving_.begin(); i != leaving_.end();) {
    if (auto after = retire(current, *i))
      return std::move(after.next);
    i = find(current, *i) == nullptr ? leaving_.erase(i) : std::next(i);
  }
  for (const auto& m : current.members)
    if (m.state == member_state::leaving)
      if (const auto found = empty_since_.find(m.id);
          found != empty_since_.end() && found->second == current.no)
        return release(current, m.id).next;
  return std::nullopt;
}

} // namespace argosy::cluster
