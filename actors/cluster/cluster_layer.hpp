// cluster_layer: the actors that make one node of many, wired; the composition root of the real
// node and of the simulation use it alike.
#pragma once

#include "actors/cluster/cluster_routes.hpp"
#include "actors/cluster/cluster_services.hpp"

#include <cstdint>
#include <memory>

namespace argosy {

namespace consensus {
class raft_node;
}

class cluster_layer {
public:
  /// `home` runs links, mesh and membership. `council` is null where the node does not vote.
  cluster_layer(node_services& node, cluster::peer_transport& transport, cluster_settings settings);
  ~cluster_layer();

  void start(strand& home, std::unique_ptr<consensus::raft_node> council,
             std::uint64_t random_seed);

  /// Asks to be let go; the view will say `leaving`.
  void leave();

  /// Links end, nothing more is sent or heard.
  void stop();

  cluster_services& services() noexcept { return services_; }
  const cluster_services& services() const noexcept { return services_; }
  const cluster_routes& routes() const noexcept { return routes_; }

private:
  cluster_services services_;
  cluster_routes routes_;
};

} // namespace argosy
