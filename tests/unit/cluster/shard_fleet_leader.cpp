// shard_fleet: what decides views, grants leases and breaks things.
#include "tests/unit/cluster/shard_fleet.hpp"

#include <algorithm>
#include <iterator>

namespace argosy::testing {

using cluster::owner_fate;
using namespace std::chrono_literals;

namespace {

constexpr auto lease_time = 3s;
constexpr auto fence_time = 3200ms;

} // namespace

void shard_fleet::decide(std::set<std::size_t> members, instant outsiders_fenced_at) {
  decided_view v;
  v.no = views_.size() + 1;
  auto pick = members.begin();
  std::advance(pick, static_cast<std::ptrdiff_t>(random_() % members.size()));
  v.owner = *pick;
  v.members = std::move(members);
  v.owner_identity = nodes_[v.owner].id;
  v.decided_at = now_;
  v.outsiders_fenced_at = outsiders_fenced_at;
  if (!views_.empty()) {
    v.previous = views_.back().owner_identity;
    const auto owner = views_.back().owner;
    v.fate = v.members.contains(owner) && nodes_[owner].id == *v.previous ? owner_fate::member
                                                                          : owner_fate::gone;
  }
  note("view " + std::to_string(v.no) + " owner " + nodes_[v.owner].id.name);
  views_.push_back(std::move(v));
}

void shard_fleet::step_leader() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto members = views_.back().members;
    if (!members.contains(i) || members.size() < 2)
      continue;
    const bool proven = nodes_[i].crashed && chance(5);
    const bool silent = now_ - nodes_[i].last_contact > 2s;
    if (!proven && !silent)
      continue;
    members.erase(i);
    if (silent && !nodes_[i].crashed) {
      fence_of_the_condemned_ = now_ + fence_time;
      if (nodes_[i].holds)
        loss_excused_ = true;
    }
    note("condemned " + nodes_[i].id.name);
    decide(members, std::max(now_, fence_of_the_condemned_));
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (!nodes_[i].crashed && nodes_[i].view_no < views_.back().no && chance(5))
      do
        learn_view(i);
      while (nodes_[i].view_no < views_.back().no && now_ >= nodes_[i].cut_off_until && chance(80));
  if (quiet_)
    return;
  if (static_cast<int>(random_() % static_cast<unsigned>(faults_.change_every_ms)) < 10)
    decide(views_.back().members, std::max(now_, fence_of_the_condemned_));
  break_something();
}

void shard_fleet::break_something() {
  const auto i = random_() % nodes_.size();
  const auto j = random_() % nodes_.size();
  if (faults_.crashes && random_() % 1000 == 0 && !nodes_[i].crashed) {
    if (nodes_[i].holds)
      loss_excused_ = true;
    note("crash " + nodes_[i].id.name);
    nodes_[i].crashed = true;
    nodes_[i].restart_at = after(200 + static_cast<int>(random_() % 6000));
  }
  if (!faults_.cuts)
    return;
  if (random_() % 200 == 0 && i != j)
    cut_until_[std::minmax(i, j)] = after(static_cast<int>(random_() % 9000));
  if (random_() % 400 == 0)
    nodes_[i].cut_off_until = after(static_cast<int>(random_() % 6000));
}

void shard_fleet::learn_view(std::size_t at) {
  auto& n = nodes_[at];
  if (now_ < n.cut_off_until)
    return;
  auto next = n.view_no == 0 ? views_.size() : n.view_no + 1;
  while (next < views_.size() && chance(faults_.views_missed_percent))
    ++next;
  const auto& v = views_[next - 1];
  if (!v.members.contains(at)) {
    n.view_no = v.no; // a view without it says nothing to it; it is on its way out
    return;
  }
  n.view_no = v.no;
  const bool mine = v.owner_identity == n.id;
  carry_out(
      at,
      n.shard->view_changed(
          {v.no, mine, v.previous, v.fate, v.outsiders_fenced_at, v.decided_at + fence_time}, now_),
      std::nullopt);
}

void shard_fleet::renew_lease(std::size_t at) {
  auto& n = nodes_[at];
  if (now_ < n.cut_off_until || !views_.back().members.contains(at))
    return;
  n.last_contact = now_;
  if (n.view_no != views_.back().no || n.shard->view_no() != n.view_no)
    return;
  n.lease_until = now_ + lease_time;
  if (!std::exchange(n.leased, true))
    carry_out(at, n.shard->lease_regained(), std::nullopt);
}

} // namespace argosy::testing
