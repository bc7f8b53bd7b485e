#include "actors/cluster/membership_actor.hpp"

#include "actors/cluster/council.hpp"
#include "actors/cluster/membership_talk.hpp"
#include "runtime/messages/hosting.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds join_every{500};
constexpr cluster::lease_settings lease_terms;

std::vector<std::string> names_of(const std::vector<seed>& seeds) {
  std::vector<std::string> names;
  for (const auto& s : seeds)
    names.push_back(s.name);
  return names;
}

std::vector<std::pair<std::string, std::string>> places_of(const std::vector<seed>& seeds) {
  std::vector<std::pair<std::string, std::string>> places;
  for (const auto& s : seeds)
    places.emplace_back(s.name, s.address);
  return places;
}

} // namespace

const std::array<message_row<membership_actor>, 10> membership_actor::table_{
    on<&membership_actor::said>,     on<&membership_actor::tick>,
    on<&membership_actor::heard_of>, on<&membership_actor::reached>,
    on<&membership_actor::vanished>, on<&membership_actor::refused>,
    on<&membership_actor::leave>,    on<&membership_actor::describe_to>,
    on<&membership_actor::disliked>, on<&membership_actor::heard>,
};

membership_actor::membership_actor(caf::actor_config& config, strand& home,
                                   cluster_services& services,
                                   std::unique_ptr<consensus::raft_node> council)
    : strand_actor(config, home), cluster_(services), council_(std::move(council)),
      detector_(services.settings.self.id),
      succession_(services.settings.self.id.name, names_of(services.settings.seeds)),
      joining_(services.settings.self.id.name, places_of(services.settings.seeds)),
      dither_(std::hash<identity>{}(services.settings.self.id)) {
  fenced_since_ = now();
}

void membership_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

// -- what links and mesh report -------------------------------------------------------------------

void membership_actor::reached(const peer_reached& m) {
  reached_[m.who.name] = m.who;
  take_for_alive(m.who);
  joining_.reached(m.who.name);
  if (cluster_.peer_met)
    cluster_.peer_met(m.who);
  detector_.heard_from(m.who, now());
  // Of the same place: a stranger who has taken the name would be no proof.
  if (const auto* known = cluster::find(view_, m.who.name);
      known != nullptr && known->id.incarnation < m.who.incarnation && known->address == m.address)
    believe_dead(known->id);
  if (m.view_no < view_.no)
    tell_views_after(m.view_no, m.who);
  else if (m.view_no > view_.no)
    say(m.who, cluster::view_wanted{view_.no});
}

void membership_actor::vanished(const peer_vanished& m) {
  const auto found = reached_.find(m.who.name);
  if (found == reached_.end() || found->second != m.who)
    return;
  reached_.erase(found);
  if (cluster_.peer_missed)
    cluster_.peer_missed(m.who);
  joining_.vanished(m.who.name);
  connection_lost(m.who);
}

// A process that has ended leaves a port that refuses; one that is cut off leaves silence.
void membership_actor::refused(const peer_refused& m) {
  const auto* dead = cluster::find(view_, m.name);
  if (dead != nullptr && dead->address == m.address && dead->id != cluster_.settings.self.id
      && !connected(dead->id))
    believe_dead(dead->id);
}

void membership_actor::believe_dead(const identity& who) {
  take_for_dead(who);
  if (!presides())
    say_to_leader(cluster::death_proof{who});
}

void membership_actor::disliked(const greeting_refused& m) {
  joining_.refused(m.name, m.why, now());
}

void membership_actor::heard_of(const heard_of_view& m) {
  if (m.view_no > view_.no)
    say(m.from, cluster::view_wanted{view_.no});
}

// -- the node's own life --------------------------------------------------------------------------

void membership_actor::tick(const membership_tick&) {
  run_council();
  keep_joined();
  keep_lease();
  look_at_joining();
  say_farewell();
  watch();
  if (const auto* to = leader(); to != nullptr && *to != informed_)
    tell_evidence();
  tell_self_after(membership_tick::every, membership_tick{});
}

void membership_actor::leave(const leave_fleet&) {
  leaving_ = true;
  cluster_.leaving.store(true);
}

void membership_actor::keep_joined() {
  const auto& self = cluster_.settings.self;
  const auto instant = now();
  if (instant < next_join_)
    return;
  const auto* me = cluster::find(view_, self.id);
  if (me == nullptr && !leaving_) {
    next_join_ = instant + join_every;
    for (const auto& s : cluster_.settings.seeds)
      if (const auto* seed = reachable(s.name))
        say(*seed, cluster::join_cluster{self});
    if (presides())
      leadership_->asks_to_join(self, instant);
  } else if (me != nullptr && leaving_ && me->state != cluster::member_state::leaving) {
    next_join_ = instant + join_every;
    say_to_leader(cluster::leave_cluster{self.id});
  } else if (me != nullptr && leaving_ && cluster_.empty_in_view.load() == view_.no) {
    next_join_ = instant + join_every;
    say_to_leader(cluster::holds_nothing{self.id, view_.no});
  }
}

void membership_actor::keep_lease() {
  const auto instant = now();
  const auto& self = cluster_.settings.self.id;
  if (cluster::find(view_, self) != nullptr && instant >= next_renewal_) {
    next_renewal_ = instant + lease_terms.renew_interval;
    const auto us =
        std::chrono::duration_cast<std::chrono::microseconds>(instant.time_since_epoch());
    const cluster::lease_wanted request{self, view_.no, static_cast<std::uint64_t>(us.count())};
    const bool lost_leader = instant - granted_at_ > 2 * lease_terms.renew_interval;
    if (presides())
      grant(request);
    else if (leader() != nullptr && !lost_leader)
      say(*leader(), request);
    else
      for (const auto& s : cluster_.settings.seeds)
        if (const auto* seed = reachable(s.name))
          say(*seed, request);
  }
  show_lease();
}

void membership_actor::show_lease() {
  cluster_.node.acts_until.store(lease_.expires_at(), std::memory_order_release);
  if (const bool valid = lease_.valid(now()); valid != std::exchange(leased_, valid))
    fenced_since_ = now();
}

void membership_actor::watch() {
  struct {
    membership_actor& self;
    void operator()(const cluster::send_probe& a) const { self.call(a.target, a.sequence); }
    void operator()(const cluster::ask_indirect& a) const {
      self.say(a.helper, cluster::probe_for_me{a.target, a.sequence});
    }
    void operator()(const cluster::accuse& a) const {
      self.accused_.insert(a.target);
      if (self.council_)
        self.succession_.lost(a.target, self.council_->term());
      self.say_to_leader(cluster::accusation{a.target, false});
    }
    void operator()(const cluster::withdraw& a) const {
      self.accused_.erase(a.target);
      self.say_to_leader(cluster::accusation{a.target, true});
    }
  } const carry_out{*this};
  if (const auto instant = now(); instant >= detector_.next_tick_at())
    for (const auto& action : detector_.tick(instant))
      std::visit(carry_out, action);
}

// A new leader has not heard what the last one was told.
void membership_actor::tell_evidence() {
  informed_ = presides() ? cluster_.settings.self.id : *leader();
  for (const auto& [who, since] : dead_)
    if (presides())
      spread(who, since);
    else
      say_to_leader(cluster::death_proof{who});
  for (const auto& who : accused_)
    say_to_leader(cluster::accusation{who, false});
}

void membership_actor::adopt(cluster::view v) {
  if (v.no <= view_.no)
    return;
  if (v.no != view_.no + 1)
    recent_views_.clear();
  view_ = std::move(v);
  recent_views_.push_back(view_);
  if (recent_views_.size() > cluster_.settings.recent_views)
    recent_views_.pop_front();
  spdlog::info("cluster: {}", to_string(view_));
  cluster_.view_no.store(view_.no, std::memory_order_release);
  detector_.watch(view_, now());
  std::erase_if(dead_, [&](const auto& d) { return cluster::find(view_, d.first) == nullptr; });
  std::erase_if(accused_, [&](const auto& who) { return cluster::find(view_, who) == nullptr; });
  tell(cluster_.mesh, keep_links{view_});
  if (cluster_.view_changed)
    cluster_.view_changed(view_);
  next_renewal_ = {}; // the leader waits for the word that this view is acted by
  next_join_ = {};
  if (cluster::is_fenced(view_, cluster_.settings.self.id))
    end_life();
}

void membership_actor::describe_to(const describe& m) {
  description answer{0, "membership", to_string(cluster_.settings.self.id), {}};
  answer.facts = {{"view", to_string(view_)},
                  {"leased", leased_ ? "yes" : "no"},
                  {"leads", presides() ? "yes" : "no"},
                  {"leader", leader() == nullptr ? "" : leader()->name},
                  {"reaches", std::to_string(reached_.size())},
                  {"health", std::to_string(detector_.health())},
                  {"accuses", std::to_string(accused_.size())},
                  {"datagrams", std::to_string(datagrams_heard_)}};
  if (council_) {
    answer.facts.emplace_back("council", std::string{to_string(council_->role())});
    answer.facts.emplace_back("term", std::to_string(council_->term()));
    answer.facts.emplace_back("failure", council_->failure());
  }
  for (const auto& t : detector_.describe()) {
    answer.facts.emplace_back("rtt_us " + t.target.name, std::to_string(t.round_trip.count()));
    answer.facts.emplace_back("misses " + t.target.name, std::to_string(t.misses));
  }
  m.origin.answer(std::move(answer));
}

// -- talking --------------------------------------------------------------------------------------

const membership_actor::identity* membership_actor::reachable(std::string_view name) const {
  const auto found = reached_.find(std::string{name});
  return found == reached_.end() ? nullptr : &found->second;
}

bool membership_actor::connected(const identity& who) const {
  const auto* there = reachable(who.name);
  return there != nullptr && *there == who;
}

/// Its name, or "" where Raft knows of none.
std::string_view membership_actor::council_leader() const {
  for (const auto& s : cluster_.settings.seeds)
    if (council_->leader() == voter_id(s.name))
      return s.name;
  return {};
}

const membership_actor::identity* membership_actor::leader() const {
  if (council_)
    if (const auto name = council_leader(); !name.empty())
      return reachable(name);
  return reachable(leader_name_);
}

} // namespace argosy
