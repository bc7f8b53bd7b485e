// fleet: what the cluster.* keys say together: who the seeds are, and where this node listens.
#pragma once

#include "runtime/config/node_config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::config {

/// One entry of cluster.seeds: `name=host:port`.
struct seed_entry {
  std::string name;
  std::string host;
  std::uint16_t port = 0;

  std::string address() const { return host + ":" + std::to_string(port); }
};

/// False if `text` is no such entry.
bool parse_seed(std::string_view text, seed_entry& out);

/// In the order of the file; entries that are none are left out (`check` names them).
std::vector<seed_entry> seeds_of(const node_config& config);

/// Where the node `name` listens for others, and how they reach it.
struct cluster_place {
  std::string listen_address;
  std::uint16_t listen_port = 0;
  std::string advertised; ///< host:port
  std::string problem;    ///< or one sentence
};
cluster_place place_in_cluster(const node_config& config, std::string_view name);

/// The settings that all nodes of a cluster must have alike, as text.
std::string agreement(const node_config& config);

} // namespace argosy::config
