// cluster_services: what the actors of the cluster layer share on one node; built once by the
// composition root, next to node_services.
#pragma once

#include "actors/cluster/peer_book.hpp"
#include "actors/node_services.hpp"
#include "runtime/cluster/outbox.hpp"
#include "runtime/cluster/view.hpp"
#include "runtime/peer_transport.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace argosy {

struct seed {
  std::string name;
  std::string address; ///< host:port of its cluster port
};

struct cluster_settings {
  std::string cluster = "argosy";
  cluster::member self;    ///< who this node is; its state is the view's business
  std::vector<seed> seeds; ///< the voters: 1, 3 or 5
  std::uint64_t settings_hash = 0;
  cluster::outbox_settings link;
  std::chrono::milliseconds question_timeout{5'000};
  std::chrono::milliseconds hello_timeout{5'000};
  std::chrono::milliseconds redial_min{250};
  std::chrono::milliseconds redial_max{2'000};
};

struct cluster_services {
  cluster_services(node_services& of, cluster::peer_transport& over, cluster_settings by)
      : node(of), transport(over), settings(std::move(by)) {}

  node_services& node;
  cluster::peer_transport& transport;
  cluster_settings settings;
  peer_book peers;
  /// The newest view this node has heard of and acts by.
  std::atomic<std::uint64_t> view_no{0};
  std::function<void(const cluster::view&)> view_changed;
  std::function<void(const cluster::node_identity&)> peer_met;
  caf::strong_actor_ptr mesh;
  caf::strong_actor_ptr membership;
};

} // namespace argosy
