#include "runtime/basp/random_node_id.hpp"

#include <caf/node_id.hpp>

#include <random>

namespace argosy::basp {

caf::actor_system::module* random_node_id::make(caf::actor_system& system,
                                                caf::detail::type_list<>) {
  return new random_node_id(system); // CAF takes it into a unique_ptr
}

// Runs after the middleman has set the id and before any actor carries it. The system is not const;
// CAF only offers no way to set it.
void random_node_id::init(caf::actor_system_config&) {
  std::random_device entropy;
  caf::node_id::default_data::host_id_type host;
  for (auto& octet : host)
    octet = static_cast<std::uint8_t>(entropy());
  const_cast<caf::node_id&>(system_.node()) = caf::make_node_id(entropy() | 1U, host);
}

} // namespace argosy::basp
