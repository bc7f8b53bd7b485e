// What the lifecycles of shards want, carried out, and what other hosts say to them.
#include "actors/cluster/cluster_routes.hpp"
#include "actors/cluster/posting.hpp"
#include "actors/cluster/shard_host_actor.hpp"

#include <map>
#include <utility>

namespace argosy {

template <class Message>
bool shard_host_actor::say(const identity& to, const Message& message) {
  const auto peer = cluster_.peers.find(to);
  if (peer)
    post_fact(cluster_, *peer, argosy::address{}, message);
  return peer != nullptr;
}

void shard_host_actor::carry_out(shard_number shard, const cluster::shard_actions& actions,
                                 std::uint64_t by_view) {
  for (const auto& action : actions)
    carry_out_one(shard, action, by_view);
  settle(shard);
}

void shard_host_actor::carry_out_one(shard_number shard, const cluster::shard_action& a,
                                     std::uint64_t by_view) {
  using what = cluster::shard_action::what;
  using cluster::pull_refusal;
  const auto refuse = [&](pull_refusal why) {
    say(a.node, cluster::shard_refused{shard, a.ticket, why, a.to,
                                       why == pull_refusal::redirect ? a.as_of : a.view_no});
  };
  switch (a.kind) {
  case what::want_turn:
    return queue_.enter(shard);
  case what::pull_from:
    incoming_[shard] = {a.node, a.ticket, 0, false, {}};
    if (!say(a.node, cluster::shard_wanted{shard, a.view_no, a.as_of, a.ticket}))
      carry_out(shard, shards_[shard].pull_refused(a.ticket,
                                                   cluster::find(*view_, a.node) == nullptr
                                                       ? pull_refusal::gone
                                                       : pull_refusal::not_ready,
                                                   {}, 0, now()));
    return;
  case what::acknowledge:
    say(a.node, cluster::shard_received{shard, a.ticket});
    return;
  case what::salvage:
    return begin_search(shard, a.ticket);
  case what::activate:
    return install(shard);
  case what::pause: // rooms look at the lease themselves
  case what::resume:
    return;
  case what::seal:
    if (cluster_.node.routes.place_of(shard) == this_node)
      routes_.close(shard, by_view);
    return seal(shard);
  case what::hand_over_to:
    return hand_over({a.node, a.view_no, a.as_of, a.ticket}, shard);
  case what::drop:
    sealed_.erase(shard);
    return;
  case what::redirect:
    return refuse(pull_refusal::redirect);
  case what::not_ready:
    return refuse(pull_refusal::not_ready);
  case what::wrong_owner:
    return refuse(pull_refusal::wrong_owner);
  case what::unknown:
    if (a.as_of == 0)
      return answer_search({a.node, a.view_no, a.as_of, a.ticket}, shard);
    return refuse(pull_refusal::unknown);
  }
}

// After each step: who waits for time, and who needs its turn no more.
void shard_host_actor::settle(shard_number shard) {
  const auto& s = shards_[shard];
  if (s.next_tick_at())
    busy_.insert(shard);
  else
    busy_.erase(shard);
  if (s.state() == cluster::shard_state::recover)
    return;
  queue_.leave(shard);
  incoming_.erase(shard);
  searches_.erase(shard);
  salvaged_.erase(shard);
}

void shard_host_actor::give_turns() {
  if (std::exchange(giving_turns_, true))
    return;
  while (const auto shard = queue_.next())
    carry_out(*shard, shards_[*shard].turn(now()));
  giving_turns_ = false;
}

void shard_host_actor::announce_active() {
  if (newly_active_.empty() || !view_)
    return;
  std::map<std::uint64_t, std::vector<std::uint32_t>> by_epoch;
  for (const auto shard : std::exchange(newly_active_, {}))
    by_epoch[shards_[shard].epoch()].push_back(shard);
  for (auto& [epoch, shards] : by_epoch) {
    const cluster::shards_active news{epoch, std::move(shards)};
    for (const auto& m : view_->members)
      if (m.id != cluster_.self())
        say(m.id, news);
  }
}

// -- what other hosts say -------------------------------------------------------------------------

void shard_host_actor::said(peer_said& m) {
  std::visit([&](auto& what) { hear(m.from, what); }, m.what);
  give_turns();
}

void shard_host_actor::hear(const identity& from, const cluster::shard_wanted& m) {
  carry_out(m.shard, shards_[m.shard].peer_pulls({from, m.view_no, m.as_of, m.ticket}, now()),
            m.view_no);
}

void shard_host_actor::hear(const identity& from, cluster::shard_part& m) {
  if (const auto found = searches_.find(m.shard);
      found != searches_.end() && found->second.ticket == m.ticket) {
    auto& search = found->second;
    const auto member = search.awaited.find(from);
    if (member == search.awaited.end() || member->second != m.part)
      return;
    search.found.take(std::move(m.rooms));
    if (++member->second >= m.parts)
      search.awaited.erase(member);
    return search_answered(m.shard);
  }
  if (const auto found = incoming_.find(m.shard); found != incoming_.end()) {
    auto& pulled = found->second;
    if (pulled.from == from && pulled.ticket == m.ticket && pulled.next_part == m.part) {
      cluster::unpack(pulled.rooms, std::move(m.rooms));
      pulled.complete = ++pulled.next_part >= m.parts;
    }
  }
  carry_out(m.shard, shards_[m.shard].pull_answer(from, m.ticket, m.part, m.parts, now()));
}

void shard_host_actor::hear(const identity&, const cluster::shard_refused& m) {
  carry_out(m.shard, shards_[m.shard].pull_refused(m.ticket, m.why, m.to, m.as_of, now()));
}

void shard_host_actor::hear(const identity& from, const cluster::shard_received& m) {
  const bool had = sealed_.contains(m.shard);
  carry_out(m.shard, shards_[m.shard].handover_acknowledged(from, m.ticket));
  if (had && !sealed_.contains(m.shard))
    bump(cluster_.shards.handed_on);
}

void shard_host_actor::hear(const identity&, const cluster::shards_active& m) {
  for (const auto shard : m.shards)
    carry_out(shard, shards_[shard].owner_active(m.epoch, now()), m.epoch);
}

} // namespace argosy
