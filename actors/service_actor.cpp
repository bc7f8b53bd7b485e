#include "actors/service_actor.hpp"

#include "runtime/entropy.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <spdlog/spdlog.h>

namespace argosy {

service_actor::service_actor(caf::actor_config& config, node_services& services)
    : caf::event_based_actor(config), node_(services) {
  set_default_handler(caf::drop);
  set_error_handler([](caf::scheduled_actor*, caf::error&) {});
  set_exception_handler([this](caf::scheduled_actor*, std::exception_ptr& thrown) -> caf::error {
    node_.metrics.actor_failures.add();
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      spdlog::error("actor {} failed and was ended: {}", id(), e.what());
    } catch (...) {
      spdlog::error("actor {} failed and was ended by an unknown exception", id());
    }
    return caf::sec::runtime_error;
  });
}

std::string random_token() {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string out(8, ' ');
  for (auto& c : out)
    c = letters[entropy()() % letters.size()];
  return out;
}

std::int64_t wall_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace argosy
