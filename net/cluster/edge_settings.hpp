// edge_settings: how the cluster port is kept.
#pragma once

#include "net/cluster/cluster_tls.hpp"
#include "net/settings.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace argosy::net {

struct edge_settings {
  std::string cluster;
  std::string node;
  endpoint listen;       ///< `tls` is ignored
  bool insecure = false; ///< no TLS and no proof of anything: for loopback and private networks
  cluster_tls::files files;

  std::chrono::milliseconds handshake_deadline{5000}; ///< until the first byte of BASP
  std::size_t pending_max = 64;                       ///< strangers that shake hands at once
  std::size_t pending_per_address_max = 8;
  std::size_t frame_bytes_max = (8U << 20U) + (64U << 10U); ///< one message and its envelope
  std::size_t buffer_bytes = 64U << 10U;                    ///< of each stream and direction

  /// Hears sentences for the log, on the edge's thread. Must not block.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

} // namespace argosy::net
