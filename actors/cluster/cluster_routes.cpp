#include "actors/cluster/cluster_routes.hpp"

#include "actors/cluster/posting.hpp"
#include "runtime/messages/hosting.hpp"

#include <limits>
#include <utility>

namespace argosy {

namespace {

/// Between a message's return and its next attempt, if nobody knows of a newer view.
constexpr std::chrono::milliseconds return_pause{50};

} // namespace

// -- views ----------------------------------------------------------------------------------------

void cluster_routes::follow(const cluster::view& v) {
  auto next = std::make_shared<const cluster::view>(v);
  auto placed = std::make_shared<const cluster::placement>(v);
  std::shared_ptr<const cluster::view> before;
  std::set<cluster::node_identity> barriers;
  shard_set moved;
  {
    const std::lock_guard guard{mutex_};
    before = std::exchange(view_, next);
    const auto placed_before = std::exchange(placement_, placed);
    moved = turn(placed_before.get(), *placed, barriers);
    send_foreign_back(moved);
    gate_.view_is(v.no);
    open_those_clear();
    for (std::uint32_t shard = 0; shard < shard_count; ++shard)
      point(shard);
  }
  { const std::unique_lock all_have_seen_the_new_places{posting_}; }
  for (const auto& old_owner : barriers)
    if (const auto peer = cluster_.peers.find(old_owner))
      post_fact(cluster_, *peer, address{}, cluster::view_barrier{v.no});
  if (before)
    bury(*before, *next);
  tell(cluster_.shard_host, follow_view{next, placed});
  for (const auto& peer : cluster_.peers.all())
    tell(peer->link, view_followed{v.no});
  announce(moved);
  tell(cluster_.node.presence_agent, presence_owners_changed{moved, true});
}

// Who owned a shard before may still send back what is on its way there.
cluster_routes::shard_set cluster_routes::turn(const cluster::placement* before,
                                               const cluster::placement& after,
                                               std::set<cluster::node_identity>& barriers) {
  shard_set moved;
  const auto instant = cluster_.node.system.clock().now();
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    const auto* was = before == nullptr ? nullptr : before->owner(shard);
    const auto* is = after.owner(shard);
    const auto at = place_of(is);
    owners_[shard].store(at, std::memory_order_release);
    const bool same = was == is || (was != nullptr && is != nullptr && *was == *is);
    if (same && before != nullptr)
      continue;
    moved.set(shard);
    if (at == this_node || at == nowhere)
      gate_.await_owner(shard);
    else
      gate_.owner_ready(shard);
    if (was != nullptr && *was != cluster_.self() && cluster_.peers.find(*was)
        && cluster::find(*view_, *was) != nullptr) {
      gate_.await_barrier(shard, *was, after.view_no(), instant);
      barriers.insert(*was);
    }
  }
  return moved;
}

// However long the gate is shut: whoever sent it opens its own when the barrier behind it has
// passed this node, so by then it must be on its way back.
void cluster_routes::send_foreign_back(const shard_set& moved) {
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    if (moved.test(shard) && !owns(this_node, shard))
      for (auto& letter :
           gate_.turn_away(shard, [](const routed_letter& l) { return l.from != nullptr; }))
        send(std::move(letter));
}

void cluster_routes::met(const cluster::node_identity& who) {
  shard_set moved;
  {
    const std::lock_guard guard{mutex_};
    if (!placement_)
      return;
    for (std::uint32_t shard = 0; shard < shard_count; ++shard)
      if (const auto* owner = placement_->owner(shard); owner != nullptr && *owner == who) {
        owners_[shard].store(place_of(owner), std::memory_order_release);
        gate_.owner_ready(shard);
        moved.set(shard); // a message may have been lost on the way: ask and announce again
      }
    open_those_clear();
    for (std::uint32_t shard = 0; shard < shard_count; ++shard)
      point(shard);
  }
  announce(moved);
  tell(cluster_.node.presence_agent, presence_owners_changed{moved, false});
}

void cluster_routes::missed(const cluster::node_identity& who) {
  barrier_passed(who, std::numeric_limits<std::uint64_t>::max()); // it never will
}

std::shared_ptr<const cluster::placement> cluster_routes::placement() const {
  const std::lock_guard guard{mutex_};
  return placement_;
}

std::shared_ptr<const cluster::view> cluster_routes::view() const {
  const std::lock_guard guard{mutex_};
  return view_;
}

place cluster_routes::place_of(const cluster::node_identity* owner) const {
  if (owner == nullptr)
    return nowhere;
  if (*owner == cluster_.self())
    return this_node;
  const auto peer = cluster_.peers.find(*owner);
  return peer ? peer->at : nowhere;
}

template <class Message>
void cluster_routes::tell_all(address_kind kind, const Message& message, const shard_set& of) {
  for (const auto& at : cluster_.node.routes.active(kind))
    if (of.test(at.shard()))
      tell(cluster_.node.routes.find(at), message);
}

// Rooms are told by the host of their shards.
void cluster_routes::announce(const shard_set& moved) {
  if (moved.none())
    return;
  shard_set lost;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    lost.set(shard, moved.test(shard) && !owns(this_node, shard));
  for (const auto kind : {address_kind::user, address_kind::presence})
    tell_all(kind, shard_lost{}, lost);
  tell_all(address_kind::replica, interest_lost{}, moved);
  for (const auto& connection :
       cluster_.node.sessions.pick([&](const address& user) { return moved.test(user.shard()); }))
    tell(connection, reopen_session{});
}

void cluster_routes::bury(const cluster::view& before, const cluster::view& after) {
  for (const auto& m : before.members)
    if (cluster::is_fenced(after, m.id))
      for (const auto kind : {address_kind::room, address_kind::user, address_kind::presence})
        tell_all(kind, node_gone{m.id}, shard_set{}.set());
}

// -- gates ----------------------------------------------------------------------------------------

void cluster_routes::point(std::uint32_t shard) {
  const auto at = gate_.shut(shard) ? nowhere : owners_[shard].load(std::memory_order_acquire);
  if (at != cluster_.node.routes.place_of(shard))
    cluster_.node.routes.put(shard, at);
}

// What has waited goes first: until the place is put, all who come wait for the mutex.
void cluster_routes::open_those_clear() {
  for (const auto shard : gate_.take_open()) {
    if (gate_.shut(shard))
      continue;
    for (auto& letter : gate_.release(shard))
      send(std::move(letter));
    cluster_.node.routes.put(shard, owners_[shard].load(std::memory_order_acquire));
  }
}

void cluster_routes::send(routed_letter letter) {
  const auto at = owners_[letter.to.shard()].load(std::memory_order_acquire);
  if (at != this_node && letter.from) // it would arrive in the name of this node
    return tell(letter.from->link, send_back{letter.from->bytes, letter.from->view_no});
  if (const auto peer = cluster_.peers.find(at))
    return post(*peer, letter.to, letter.what);
  if (at != this_node)
    return give_back(cluster_.node.routes, letter);
  std::visit(
      [&](auto& message) {
        if (how_to_wake<std::decay_t<decltype(message)>>() == wake::yes)
          cluster_.node.routes.route_here(letter.to, std::move(message));
        else
          cluster_.node.routes.route_here_if_active(letter.to, std::move(message));
      },
      letter.what);
}

void cluster_routes::hold(routed_letter letter) {
  const std::lock_guard guard{mutex_};
  const auto shard = letter.to.shard();
  const auto at = cluster_.node.routes.place_of(shard);
  if (at == this_node || cluster_.peers.find(at))
    return send(std::move(letter)); // it has opened meanwhile
  if (!gate_.shut(shard))
    gate_.await_owner(shard);
  if (!gate_.hold(shard, bytes_of(letter), std::move(letter), cluster_.node.system.clock().now()))
    give_back(cluster_.node.routes, letter);
}

void cluster_routes::open(std::uint32_t shard) {
  const std::lock_guard guard{mutex_};
  gate_.owner_ready(shard);
  open_those_clear();
}

void cluster_routes::close(std::uint32_t shard, std::uint64_t view_no) {
  const std::lock_guard guard{mutex_};
  if (view_ && view_->no < view_no)
    gate_.await_view(shard, view_no);
  else
    gate_.await_owner(shard);
  point(shard);
}

void cluster_routes::tick(std::chrono::steady_clock::time_point now) {
  std::vector<routed_letter> late;
  {
    const std::lock_guard guard{mutex_};
    if (gate_.all_open())
      return;
    late = gate_.expire(now);
    gate_.tick(now);
    open_those_clear();
  }
  for (auto& letter : late)
    give_back(cluster_.node.routes, letter);
}

bool cluster_routes::take_in(const address& to, routed_message& what,
                             const caf::strong_actor_ptr& link, std::string_view envelope,
                             std::uint64_t view_no) {
  const bool taken = std::visit(
      [&](auto& message) {
        return cluster_.node.routes.take_in(to, message,
                                            how_to_wake<std::decay_t<decltype(message)>>());
      },
      what);
  if (taken)
    return true;
  if (!owns(this_node, to.shard()))
    return false;
  hold({to, std::move(what),
        std::make_shared<const foreign_envelope>(
            foreign_envelope{link, std::string{envelope}, view_no})});
  return true;
}

void cluster_routes::came_back(routed_letter letter, std::uint64_t view_no) {
  const std::lock_guard guard{mutex_};
  const auto shard = letter.to.shard();
  const auto instant = cluster_.node.system.clock().now();
  if (!gate_.shut(shard)) {
    if (view_ && view_->no < view_no)
      gate_.await_view(shard, view_no);
    else
      gate_.await_moment(shard, instant + return_pause);
    point(shard);
  }
  if (!gate_.hold_returned(shard, bytes_of(letter), std::move(letter), instant))
    give_back(cluster_.node.routes, letter);
}

void cluster_routes::barrier_passed(const cluster::node_identity& from, std::uint64_t view_no) {
  const std::lock_guard guard{mutex_};
  gate_.barrier_passed(from, view_no);
  open_those_clear();
}

// -- messages -------------------------------------------------------------------------------------

// `where` may be out of date; what is read under the lock is not, and what is posted under it goes
// before any barrier.
void cluster_routes::forward(place, const address& to, routed_message what) {
  {
    const std::shared_lock guard{posting_};
    if (const auto peer = cluster_.peers.find(cluster_.node.routes.place_of(to.shard())))
      return post(*peer, to, what);
  }
  hold({to, std::move(what), nullptr});
}

void cluster_routes::post(peer& by, const address& to, const routed_message& what) {
  std::visit(
      [&](const auto& message) {
        if constexpr (requires { message.origin; })
          post_question(cluster_, by, to, message);
        else
          post_fact(cluster_, by, to, message);
      },
      what);
}

void cluster_routes::fan(const cluster::interest_set& to, const address& room,
                         const replica_message& what) {
  const auto out = for_replicas(cluster_, room, room, what);
  to.for_each([&](const cluster::node_identity& node) { post_to(node, out); });
}

// A relay that is out of reach would keep its whole share from hearing of anything until the next
// view: meanwhile they are told one by one.
void cluster_routes::fan(const std::vector<cluster::relay_branch>& to, const address& room,
                         const relayed_publication& what) {
  const auto direct = for_replicas(cluster_, room, room, what);
  for (const auto& branch : to) {
    const auto relay = cluster_.peers.find(branch.node);
    const bool in_reach = relay && relay->figures->connected.load(std::memory_order_relaxed);
    if (in_reach && !branch.share.empty())
      tell(relay->link, for_replicas(cluster_, room, address{},
                                     cluster::relay_fan{branch.share, *direct.bytes}));
    else if (relay)
      tell(relay->link, direct);
    if (!in_reach)
      for (const auto& node : branch.share)
        post_to(node, direct);
  }
}

void cluster_routes::relay(const cluster::node_identity& owner, const address& room,
                           cluster::relay_fan what) {
  const auto out = for_replicas(cluster_, room, address{},
                                cluster::relayed_fan{owner, std::move(what.envelope)});
  for (const auto& node : what.share)
    post_to(node, out);
}

void cluster_routes::post_to(const cluster::node_identity& node, const post_envelope& what) {
  if (const auto peer = cluster_.peers.find(node))
    tell(peer->link, what);
}

void cluster_routes::tell_replica(const cluster::node_identity& at, const address& room,
                                  const replica_message& what) {
  if (const auto peer = cluster_.peers.find(at))
    post_fact(cluster_, *peer, room, what);
}

void cluster_routes::order(const cluster::node_identity& at, const cluster::for_sessions& order) {
  if (const auto peer = cluster_.peers.find(at))
    post_fact(cluster_, *peer, address{}, order);
}

void cluster_routes::want_presence(const cluster::node_identity& at, const presence_wanted& what) {
  if (const auto peer = cluster_.peers.find(at))
    post_fact(cluster_, *peer, address{}, what);
}

// -- for the admin --------------------------------------------------------------------------------

std::vector<std::pair<std::string, caf::strong_actor_ptr>> cluster_routes::keepers() const {
  std::vector<std::pair<std::string, caf::strong_actor_ptr>> out{
      {"membership", cluster_.membership},
      {"mesh", cluster_.mesh},
      {"shards", cluster_.shard_host}};
  for (const auto& peer : cluster_.peers.all())
    out.emplace_back("link/" + peer->id.name, peer->link);
  return out;
}

bool cluster_routes::ask_admin(const cluster::node_identity& at, const fleet_question& what) {
  const auto peer = cluster_.peers.find(at);
  if (peer)
    std::visit([&](const auto& question) { post_question(cluster_, *peer, {}, question); }, what);
  return peer != nullptr;
}

} // namespace argosy
