// How a node comes in, what it does when it was declared down by mistake, and when it sends its
// clients elsewhere.
#include "actors/cluster/membership_talk.hpp"
#include "runtime/messages/hosting.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// Between two new lives: somebody who is refused again and again makes no storm of it.
constexpr std::chrono::seconds rebirth_every{1};

/// The newest life of that name that anybody knows of: a clock that went back made ours an old one.
std::uint64_t last_life(const cluster::view& v, const cluster::node_identity& self) {
  auto last = self.incarnation;
  if (const auto* member = cluster::find(v, self.name))
    last = std::max(last, member->id.incarnation);
  for (const auto& ended : v.fenced)
    if (ended.name == self.name)
      last = std::max(last, ended.incarnation);
  return last;
}

} // namespace

void membership_actor::look_at_joining() {
  if (cluster::find(view_, cluster_.settings.self.id) != nullptr)
    joining_.joined();
  const auto said = joining_.tick(now());
  if (said.warning && !leaving_)
    spdlog::warn("cluster: {}", *said.warning);
  if (said.give_up)
    give_up(*said.give_up);
}

void membership_actor::give_up(const std::string& why) {
  spdlog::error("cluster: this node cannot be of the cluster: {}", why);
  if (cluster_.refused_for_good)
    cluster_.refused_for_good(why);
}

// The view says that this life is over: of a pause or a partition that lasted too long, or because
// the node has left.
void membership_actor::end_life() {
  lease_.drop();
  show_lease();
  const auto& self = cluster_.settings.self;
  const auto* heir = cluster::find(view_, self.id.name);
  if (heir != nullptr && heir->id.incarnation > self.id.incarnation)
    give_up("node.name \"" + self.id.name + "\" has been taken over by the node at " + heir->address
            + "; give each node its own name");
  else if (!leaving_)
    begin_life();
}

// Sockets stay. What the last life owned was lost with the view that ended it; what its clients
// want is asked for again as soon as the new one reaches the owners.
void membership_actor::begin_life() {
  const auto instant = now();
  if (last_rebirth_ != time_point{} && instant - last_rebirth_ < rebirth_every)
    return;
  last_rebirth_ = instant;
  const auto before = cluster_.settings.self.id;
  const auto last = last_life(view_, before);
  cluster_.begin_life(std::max(cluster_.next_life(last), last + 1));
  const auto& self = cluster_.settings.self.id;
  spdlog::warn("cluster: {} was declared down; this node goes on as {}", to_string(before),
               to_string(self));
  lease_ = {};
  show_lease();
  detector_ = cluster::failure_detector{self};
  reached_.clear();
  dead_.clear();
  said_dead_.clear();
  accused_.clear();
  errands_.clear();
  informed_ = {};
  leader_name_.clear();
  leadership_.reset();
  leading_term_ = 0;
  next_join_ = {};
  tell(cluster_.shard_host, host_anew{});
  tell(cluster_.mesh, begin_again{});
}

// Whoever is cut off serves nobody well: its clients find a node that is not. In no order and over
// some seconds, so that the others are not run over.
void membership_actor::say_farewell() {
  const auto& s = cluster_.settings;
  const auto alone_for = now() - fenced_since_;
  if (leased_ || alone_for < s.farewell_after)
    return;
  const auto left = std::max<std::chrono::steady_clock::duration>(
      s.farewell_after + s.farewell_over - alone_for, membership_tick::every);
  std::bernoulli_distribution now_it_goes{
      std::min(1.0, std::chrono::duration<double>{membership_tick::every} / left)};
  for (const auto& connection :
       cluster_.node.sessions.pick([&](const address&) { return now_it_goes(dither_); }))
    tell(connection, end_session{info(errc::shutdown).close_code, "shutdown"});
}

} // namespace argosy
