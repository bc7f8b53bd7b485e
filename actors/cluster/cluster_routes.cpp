#include "actors/cluster/cluster_routes.hpp"

#include "actors/cluster/posting.hpp"

#include <utility>

namespace argosy {

void cluster_routes::follow(const cluster::view& v) {
  auto next = std::make_shared<const cluster::view>(v);
  auto placed = std::make_shared<const cluster::placement>(v);
  std::shared_ptr<const cluster::view> before;
  shard_set moved;
  {
    const std::lock_guard guard{mutex_};
    before = std::exchange(view_, next);
    placement_ = std::move(placed);
    moved = point(*placement_);
  }
  if (before)
    bury(*before, *next);
  announce(moved);
  tell(cluster_.node.presence_agent, presence_owners_changed{moved, true});
}

// What it owns was out of reach, or lost a message on the way: ask and announce again.
void cluster_routes::met(const cluster::node_identity& who) {
  shard_set moved;
  {
    const std::lock_guard guard{mutex_};
    if (!placement_)
      return;
    moved = point(*placement_);
    for (std::uint32_t shard = 0; shard < shard_count; ++shard)
      if (const auto* owner = placement_->owner(shard); owner != nullptr && *owner == who)
        moved.set(shard);
  }
  announce(moved);
  tell(cluster_.node.presence_agent, presence_owners_changed{moved, false});
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

cluster_routes::shard_set cluster_routes::point(const cluster::placement& by) {
  shard_set moved;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    const auto at = place_of(by.owner(shard));
    moved.set(shard, at != cluster_.node.routes.place_of(shard));
    cluster_.node.routes.put(shard, at);
  }
  return moved;
}

template <class Message>
void cluster_routes::tell_all(address_kind kind, const Message& message, const shard_set& of) {
  for (const auto& at : cluster_.node.routes.active(kind))
    if (of.test(at.shard()))
      tell(cluster_.node.routes.find(at), message);
}

void cluster_routes::announce(const shard_set& moved) {
  if (moved.none())
    return;
  shard_set lost;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    lost.set(shard, moved.test(shard) && cluster_.node.routes.place_of(shard) != this_node);
  for (const auto kind : {address_kind::room, address_kind::user, address_kind::presence})
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

// -- messages -------------------------------------------------------------------------------------

void cluster_routes::forward(place where, const address& to, routed_message what) {
  const auto peer = cluster_.peers.find(where);
  std::visit(
      [&](auto& message) {
        using question = std::decay_t<decltype(message)>;
        if constexpr (requires { message.origin; }) {
          if (peer)
            post_question(cluster_, *peer, to, message);
          else
            give_up<question>(message.origin);
        } else if (peer) {
          post_fact(cluster_, *peer, to, message);
        }
      },
      what);
}

void cluster_routes::fan(const cluster::interest_set& to, const address& room,
                         const replica_message& what) {
  post_envelope out;
  out.policy = cluster::message_class::lag;
  out.key = room.hash();
  out.bytes = wire::encode(cluster_.view_no.load(std::memory_order_relaxed), room, 0, what,
                           cluster_.node.system.clock().now());
  to.for_each([&](const cluster::node_identity& node) {
    if (const auto peer = cluster_.peers.find(node))
      tell(peer->link, out);
  });
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
      {"membership", cluster_.membership}, {"mesh", cluster_.mesh}};
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
