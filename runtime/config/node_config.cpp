#include "runtime/config/node_config.hpp"

namespace argosy {

std::shared_ptr<const namespaces> make_namespaces(const node_config& config) {
  const auto complete = [&](channel_options options) {
    options.passivate_after = config.rooms.passivate;
    return options;
  };
  auto out = std::make_shared<namespaces>(
      complete(config.channel),
      config.client.personal_rooms ? config.client.personal_room_prefix : std::string{},
      config.client.channel_bytes_max);
  for (const auto& space : config.namespaces)
    out->add(space.name, complete(space.options));
  if (config.client.personal_rooms) // a namespace above has gone first
    out->add(std::string{namespace_of(config.client.personal_room_prefix)}, complete({}));
  return out;
}

} // namespace argosy
