#include "runtime/config/fleet.hpp"

#include "runtime/config/key.hpp"
#include "runtime/config/value.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace argosy::config {

namespace {

constexpr std::uint16_t usual_port = 7100;

bool is_ip(const std::string& host) {
  in6_addr scratch{};
  return ::inet_pton(AF_INET, host.c_str(), &scratch) == 1
         || ::inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

bool is_any(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

template <class Owner>
void say(std::string& out, const key<Owner>& k, Owner owner) {
  (((out += k.name) += '=') += to_toml(read(k.slot(owner)))) += '\n';
}

} // namespace

bool parse_seed(std::string_view text, seed_entry& out) {
  const auto equals = text.find('=');
  const auto colon = text.rfind(':');
  if (equals == std::string_view::npos || colon == std::string_view::npos || colon <= equals + 1
      || equals == 0)
    return false;
  out.name = text.substr(0, equals);
  out.host = text.substr(equals + 1, colon - equals - 1);
  const auto port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  return error == std::errc{} && end == port.data() + port.size() && out.port != 0;
}

std::vector<seed_entry> seeds_of(const node_config& config) {
  std::vector<seed_entry> out;
  for (const auto& text : config.cluster.seeds)
    if (seed_entry seed; parse_seed(text, seed))
      out.push_back(std::move(seed));
  return out;
}

cluster_place place_in_cluster(const node_config& config, std::string_view name) {
  const auto& c = config.cluster;
  const auto seeds = seeds_of(config);
  const auto me =
      std::find_if(seeds.begin(), seeds.end(), [&](const seed_entry& s) { return s.name == name; });
  const bool is_seed = me != seeds.end();
  cluster_place out;
  out.listen_address = c.address;
  if (out.listen_address.empty())
    out.listen_address = !is_seed ? "127.0.0.1" : is_ip(me->host) ? me->host : "0.0.0.0";
  out.listen_port = c.port != 0 ? c.port : is_seed ? me->port : usual_port;
  out.advertised = is_seed ? me->address() : c.advertise;
  if (out.advertised.empty() && is_any(out.listen_address))
    out.problem = "`cluster.address` is \"" + out.listen_address
                  + "\", which is no address that other nodes could dial; set `cluster.advertise` "
                    "to the host:port at which they reach this node.";
  else if (out.advertised.empty())
    out.advertised = out.listen_address + ":" + std::to_string(out.listen_port);
  return out;
}

std::string agreement(const node_config& config) {
  std::string out;
  for (const auto& k : node_keys())
    if (k.name == "client.personal_rooms" || k.name == "client.personal_room_prefix"
        || k.name.starts_with("client.connections_per_user_")
        || k.name == "rooms.presence_grace_ms")
      say(out, k, config);
  for (const auto& k : channel_keys())
    say(out, k, config.channel);
  auto spaces = config.namespaces;
  std::sort(spaces.begin(), spaces.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& space : spaces) {
    ((out += "namespace ") += space.name) += '\n';
    for (const auto& k : channel_keys())
      say(out, k, space.options);
  }
  return out;
}

} // namespace argosy::config
