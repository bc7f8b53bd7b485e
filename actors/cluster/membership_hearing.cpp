// What other nodes say to this one's membership, one function each.
#include "actors/cluster/council.hpp"
#include "actors/cluster/membership_talk.hpp"
#include "runtime/messages/hosting.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace argosy {

namespace {

/// Probes under way for others; more are not taken on.
constexpr std::size_t errands_max = 256;

/// Our own sequence numbers for them, apart from those of the detector.
constexpr std::uint64_t errand_mark = std::uint64_t{1} << 63;

/// A connection that ends so soon after somebody has proved its other end dead ended because of it.
constexpr std::chrono::milliseconds proof_patience{1'000};

} // namespace

// The rest of what peers say is for others.
template <class T>
void membership_actor::hear(const identity&, const T&) {
}

void membership_actor::said(peer_said& m) {
  alive(m.from);
  std::visit([&](auto& what) { hear(m.from, what); }, m.what);
}

void membership_actor::alive(const identity& who) {
  detector_.heard_from(who, now());
  take_for_alive(who);
}

void membership_actor::hear(const identity& from, cluster::raft_rpc& m) {
  if (!council_)
    return;
  council_->receive(now(), voter_id(from.name), m.bytes);
  run_council();
}

// -- views ----------------------------------------------------------------------------------------

void membership_actor::hear(const identity& from, cluster::join_cluster& m) {
  if (presides())
    leadership_->asks_to_join(m.who, now());
  else if (const auto* to = leader(); to != nullptr && council_ && from == m.who.id)
    say(*to, m);
}

void membership_actor::hear(const identity&, const cluster::join_refused& m) {
  if (m.who != cluster_.settings.self.id)
    return;
  if (m.outlived)
    return begin_life();
  spdlog::error("cluster: this node may not join: {}", m.why);
  joining_.refused_by_leader(m.why, now());
}

void membership_actor::hear(const identity& from, const cluster::link_refused& m) {
  spdlog::log(leaving_ ? spdlog::level::info : spdlog::level::err,
              "cluster: {} refuses this node: {}", to_string(from), m.why);
  joining_.refused(from.name, m.why, now());
}

void membership_actor::hear(const identity&, const cluster::leave_cluster& m) {
  if (presides())
    leadership_->asks_to_leave(m.who);
}

void membership_actor::hear(const identity&, const cluster::holds_nothing& m) {
  if (presides())
    leadership_->holds_nothing(m.who, m.view_no);
}

void membership_actor::hear(const identity&, cluster::view_decided& m) {
  adopt(std::move(m.what));
}

void membership_actor::hear(const identity& from, const cluster::view_wanted& m) {
  tell_views_after(m.have, from);
}

// One after the other, because who skips one does not know whom its new shards come from, and
// begins them anew. The newest alone goes to who has none, or one from too long ago.
void membership_actor::tell_views_after(std::uint64_t have, const identity& to) {
  if (have >= view_.no)
    return;
  auto next = std::find_if(recent_views_.begin(), recent_views_.end(),
                           [&](const cluster::view& v) { return v.no == have + 1; });
  if (have == 0 || next == recent_views_.end())
    next = std::prev(recent_views_.end());
  for (; next != recent_views_.end(); ++next)
    say(to, cluster::view_decided{*next});
}

// -- leases ---------------------------------------------------------------------------------------

void membership_actor::hear(const identity& from, const cluster::lease_wanted& m) {
  if (presides())
    grant(m);
  else if (const auto* to = leader(); to != nullptr && council_ && from == m.from)
    say(*to, m);
}

// One of an older view, or to the life before this one, says nothing of what may be done now.
void membership_actor::hear(const identity& from, const cluster::lease_granted& m) {
  if (m.view_no != view_.no || cluster::find(view_, cluster_.settings.self.id) == nullptr)
    return;
  const time_point asked{std::chrono::microseconds{static_cast<std::int64_t>(m.asked_at)}};
  leader_name_ = from.name;
  granted_at_ = now();
  if (asked <= granted_at_)
    lease_.renewed(asked, m.view_no, std::chrono::milliseconds{m.ttl_ms});
  show_lease();
}

// -- failure detection ----------------------------------------------------------------------------

void membership_actor::hear(const identity& from, const cluster::accusation& m) {
  if (presides())
    leadership_->accused(from, m.target, m.withdrawn, now());
}

// Who has a connection to the target hears of its end by itself; until then it believes nobody.
void membership_actor::hear(const identity&, const cluster::death_proof& m) {
  const auto instant = now();
  if (m.target == cluster_.settings.self.id)
    return;
  if (!connected(m.target))
    return take_for_dead(m.target);
  std::erase_if(said_dead_, [&](const auto& s) { return instant - s.second > proof_patience; });
  if (cluster::find(view_, m.target) != nullptr)
    said_dead_.try_emplace(m.target, instant);
}

void membership_actor::take_for_alive(const identity& who) {
  if (dead_.erase(who) != 0)
    tell(cluster_.shard_host, node_lives{who});
  succession_.heard(who);
}

// What it owned may be taken over at once: its lease has ended with it. The leader tells everybody,
// since a port that is closing hangs up on some who call instead of refusing them.
void membership_actor::take_for_dead(const identity& who) {
  const bool member = cluster::find(view_, who) != nullptr;
  if (member || cluster::is_fenced(view_, who))
    tell(cluster_.shard_host, node_ended{who});
  if (!member)
    return;
  const auto [known, is_news] = dead_.try_emplace(who, now());
  if (council_)
    succession_.lost(who, council_->term());
  if (presides() && is_news)
    spread(who, known->second);
}

void membership_actor::spread(const identity& dead, time_point since) {
  leadership_->proven_dead(dead, since);
  for (const auto& [name, who] : reached_)
    say(who, cluster::death_proof{dead});
}

void membership_actor::connection_lost(const identity& to) {
  if (const auto said = said_dead_.extract(to); said && now() - said.mapped() <= proof_patience)
    take_for_dead(to);
}

// Over the link, and past it: data may hold up the one, and a firewall the other.
void membership_actor::call(const identity& target, std::uint64_t sequence) {
  say(target, cluster::probe{sequence});
  const auto* member = cluster::find(view_, target);
  if (cluster_.probes != nullptr && member != nullptr)
    cluster_.probes->send(member->address, {cluster_.settings.self.id, target, false, sequence});
}

// The answer goes where the view says that member is, wherever the question came from.
void membership_actor::heard(const probe_heard& m) {
  const auto& note = m.what;
  const auto* member = cluster::find(view_, note.from);
  if (note.to != cluster_.settings.self.id || member == nullptr)
    return;
  ++datagrams_heard_;
  alive(note.from);
  if (note.answer)
    hear(note.from, cluster::probe_answered{note.sequence});
  else
    cluster_.probes->send(member->address,
                          {cluster_.settings.self.id, note.from, true, note.sequence});
}

void membership_actor::hear(const identity& from, const cluster::probe& m) {
  say(from, cluster::probe_answered{m.sequence});
}

void membership_actor::hear(const identity& from, const cluster::probe_answered& m) {
  if ((m.sequence & errand_mark) == 0)
    return detector_.acked(from, m.sequence, now());
  const auto done = errands_.extract(m.sequence);
  if (done && done.mapped().target == from)
    say(done.mapped().for_whom, cluster::target_heard{from, done.mapped().sequence});
}

void membership_actor::hear(const identity& from, const cluster::probe_for_me& m) {
  if (errands_.size() >= errands_max)
    errands_.erase(errands_.begin());
  const auto mine = ++errand_sequence_ | errand_mark;
  errands_[mine] = {from, m.sequence, m.target};
  call(m.target, mine);
}

void membership_actor::hear(const identity&, const cluster::target_heard& m) {
  detector_.indirect_acked(m.target, m.sequence, now());
}

} // namespace argosy
