#include "runtime/basp/configure.hpp"

#include "runtime/basp/messages.hpp"
#include "runtime/basp/random_node_id.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>

#include <chrono>

namespace argosy::basp {

void configure_basp(caf::actor_system_config& config) {
  using namespace std::chrono_literals;
  config.load<caf::io::middleman>().load<random_node_id>();
  config.set("middleman.heartbeat-interval", caf::timespan{1s});
  config.set("middleman.connection-timeout", caf::timespan{5s});
  config.set("middleman.workers", std::size_t{0}); // CAF's own thread reads as fast, and in order
  config.add_message_type<peer_batch>("ab");       // the name travels with each message
}

} // namespace argosy::basp
