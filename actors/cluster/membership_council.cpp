// The membership actor on a node that votes: it drives Raft, and writes the views while it leads.
#include "actors/cluster/council.hpp"
#include "actors/cluster/membership_talk.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

namespace argosy {

namespace {

/// A proposal that has not been decided by then was lost with somebody's leadership.
constexpr std::chrono::milliseconds proposal_patience{3'000};

} // namespace

void membership_actor::run_council() {
  if (!council_)
    return;
  const auto instant = now();
  council_->tick(instant);
  if (succession_.due({council_leader(), council_->term(), presides()}, instant))
    council_->expire_election(instant);
  deliver_rpcs();
  take_decisions();
  const bool leads = council_->role() == consensus::raft_role::leader;
  if (leads && leading_term_ != council_->term()) {
    leading_term_ = council_->term();
    founded_ = false;
    std::vector<std::string> voters;
    for (const auto& s : cluster_.settings.seeds)
      voters.push_back(s.name);
    leadership_ = std::make_unique<cluster::leadership>(
        cluster_.settings.self.id, std::move(voters), council_->predecessors_contact(), instant);
    proposed_no_ = 0;
    marked_ = false;
    tell_evidence();
  } else if (!leads && leadership_) {
    leadership_.reset();
    leading_term_ = 0;
  }
  if (leadership_ && !marked_)
    marked_ = council_->propose(instant, mark_of(leading_term_));
  if (leadership_ && founded_)
    preside();
  deliver_rpcs();
  take_decisions();
}

void membership_actor::deliver_rpcs() {
  for (auto& rpc : council_->take_outgoing())
    for (const auto& s : cluster_.settings.seeds)
      if (rpc.to == voter_id(s.name))
        if (const auto* to = reachable(s.name))
          say(*to, cluster::raft_rpc{std::move(rpc.bytes)});
}

void membership_actor::take_decisions() {
  if (const auto whole = council_->take_restored())
    if (auto v = view_in(*whole))
      adopt(std::move(*v));
  for (const auto& command : council_->take_committed()) {
    if (auto v = view_in(command); v && cluster::is_successor(view_, *v))
      publish(std::move(*v));
    else if (leadership_ && command == mark_of(leading_term_)) {
      founded_ = true;
      spdlog::info("cluster: this node leads, term {}", leading_term_);
      if (view_.no > 0)
        leadership_->decided(view_, now());
    }
  }
}

void membership_actor::publish(cluster::view v) {
  if (v.no == proposed_no_)
    proposed_no_ = 0;
  adopt(std::move(v));
  if (!leadership_)
    return;
  if (founded_)
    leadership_->decided(view_, now());
  for (const auto& [name, who] : reached_)
    say(who, cluster::view_decided{view_});
}

void membership_actor::preside() {
  const auto instant = now();
  if (proposed_no_ != 0 && instant - proposed_at_ < proposal_patience)
    return;
  if (auto next = leadership_->next(view_, instant)) {
    proposed_no_ = next->no;
    proposed_at_ = instant;
    if (!council_->propose(instant, command_of(*next))) {
      proposed_no_ = 0;
      leadership_->not_proposed();
    }
  }
  for (const auto& [who, why, outlived] : leadership_->take_refusals()) {
    spdlog::warn("cluster: {} may not join: {}", to_string(who), why);
    say(who, cluster::join_refused{who, why, outlived});
  }
}

void membership_actor::grant(const cluster::lease_wanted& m) {
  const auto instant = now();
  const auto contact = council_->last_quorum_contact();
  const auto answer = leadership_->lease_wanted(m.from, m.acknowledged_view,
                                                contact.value_or(time_point::min()), instant);
  const auto& self = cluster_.settings.self.id;
  if (answer.verdict == cluster::lease_verdict::behind && m.from != self)
    return tell_views_after(m.acknowledged_view, m.from);
  if (answer.verdict != cluster::lease_verdict::granted)
    return;
  const cluster::lease_granted granted{answer.view_no,
                                       static_cast<std::uint32_t>(answer.ttl.count()), m.asked_at};
  if (m.from == self)
    hear(self, granted);
  else
    say(m.from, granted);
}

} // namespace argosy
