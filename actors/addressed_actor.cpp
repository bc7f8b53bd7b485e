#include "actors/addressed_actor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace argosy {

addressed_actor::addressed_actor(caf::actor_config& config, strand& home, node_services& services,
                                 argosy::address at)
    : strand_actor(config, home), node_(services), at_(std::move(at)) {
}

void addressed_actor::receive(caf::mailbox_element& what) {
  if (!std::exchange(begun_, true))
    begin();
  if (!act_on(what) && what.content().match_elements<shard_lost>())
    give_way(what.content().get_as<shard_lost>(0));
}

void addressed_actor::failed(const char* what) noexcept {
  node_.metrics.actor_failures.add();
  spdlog::error("{} failed and was ended: {}", at_.text(), what);
  if (node_.routes.retire(at_, id()))
    forsake();
}

bool addressed_actor::passivate() {
  if (!node_.routes.retire_if(at_, id(), [this] { return letters() == 0; }))
    return false;
  terminate(caf::exit_reason::normal);
  return true;
}

// Another node owns the shard. What came before that news is handled first: nobody who asked is
// left without an answer. One such letter at a time: two would wait for each other for ever.
void addressed_actor::give_way(const shard_lost& m) {
  if (!m.again && std::exchange(leaving_, true))
    return;
  if (!passivate())
    tell(handle(), shard_lost{true});
}

} // namespace argosy
