#include "actors/cluster/cluster_layer.hpp"

#include "actors/cluster/membership_actor.hpp"
#include "actors/cluster/mesh_actor.hpp"
#include "actors/cluster/shard_host_actor.hpp"
#include "runtime/consensus/raft_node.hpp"

#include <utility>

namespace argosy {

cluster_layer::cluster_layer(node_services& node, cluster::peer_transport& transport,
                             cluster_settings settings)
    : services_(node, transport, std::move(settings)), routes_(services_) {
}

cluster_layer::~cluster_layer() = default;

void cluster_layer::start(strand& home, std::unique_ptr<consensus::raft_node> council,
                          std::uint64_t random_seed) {
  auto& system = services_.node.system;
  services_.begin_life(services_.settings.self.id.incarnation);
  services_.view_changed = [this](const cluster::view& v) { routes_.follow(v); };
  services_.peer_missed = [this](const cluster::node_identity& who) { routes_.missed(who); };
  services_.peer_met = [this](const cluster::node_identity& who) { routes_.met(who); };
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    services_.node.routes.put(shard, nowhere); // nothing is owned before there is a view
  services_.node.acts_until.store(std::chrono::steady_clock::time_point::min());
  services_.node.routes.join(routes_);
  services_.node.others = &routes_;
  services_.routes = &routes_;
  services_.shard_host = spawn_on<shard_host_actor>(system, home, services_, routes_);
  services_.mesh = spawn_on<mesh_actor>(system, home, services_, random_seed);
  services_.membership = spawn_on<membership_actor>(system, home, services_, std::move(council));
  services_.transport.attach(services_.mesh);
  if (services_.probes != nullptr)
    services_.probes->attach([to = services_.membership](const cluster::probe_note& note) {
      tell(to, probe_heard{note});
    });
  tell(services_.mesh, mesh_tick{});
  tell(services_.membership, membership_tick{});
  tell(services_.shard_host, host_tick{});
}

void cluster_layer::leave() {
  tell(services_.membership, leave_fleet{});
}

void cluster_layer::stop() {
  services_.transport.stop();
  if (services_.probes != nullptr)
    services_.probes->stop();
  for (const auto& peer : services_.peers.all())
    tell(peer->link, link_over{});
  services_.peers.clear();
  // The handles stay until the services go: others on the strand read them for as long as it runs.
  for (const auto* actor : {&services_.mesh, &services_.membership, &services_.shard_host})
    if (*actor)
      caf::anon_send_exit(*actor, caf::exit_reason::user_shutdown);
}

} // namespace argosy
