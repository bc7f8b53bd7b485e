// configure: what an actor system needs to speak BASP as Argosy does. The composition root calls it
// before it makes the system.
#pragma once

namespace caf {
class actor_system_config;
}

namespace argosy::basp {

/// Loads CAF's middleman and a random node id. BASP beats every second and gives a peer up after
/// five of silence; each node must do both, or the others give it up. Opens no port.
void configure_basp(caf::actor_system_config& config);

} // namespace argosy::basp
