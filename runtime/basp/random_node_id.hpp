// random_node_id: gives this actor system an identity of its own on BASP.
//
// CAF 0.17 makes it of the network cards and the process id. Containers share both, and a restarted
// one has the same again, with actor ids that begin at 1: handles of the earlier life would then
// name actors of the later one. Loaded by `configure_basp`, after the middleman.
#pragma once

#include <caf/actor_system.hpp>

namespace argosy::basp {

class random_node_id final : public caf::actor_system::module {
public:
  explicit random_node_id(caf::actor_system& system) : system_(system) {}

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);

  void start() override {}
  void stop() override {}
  void init(caf::actor_system_config& config) override;
  id_t id() const override { return network_manager; } ///< a place that nothing else of ours needs
  void* subtype_ptr() override { return this; }

private:
  caf::actor_system& system_;
};

} // namespace argosy::basp
