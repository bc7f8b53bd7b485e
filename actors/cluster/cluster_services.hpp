// cluster_services: what the actors of the cluster layer share on one node; built once by the
// composition root, next to node_services.
#pragma once

#include "actors/cluster/peer_book.hpp"
#include "actors/node_services.hpp"
#include "runtime/cluster/outbox.hpp"
#include "runtime/cluster/view.hpp"
#include "runtime/peer_transport.hpp"
#include "runtime/probe_transport.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace argosy {

class cluster_routes;

struct seed {
  std::string name;
  std::string address; ///< host:port of its cluster port
};

struct cluster_settings {
  std::string cluster = "argosy";
  cluster::member self;    ///< who this node is; its state is the view's business
  std::vector<seed> seeds; ///< the voters: 1, 3 or 5
  std::uint64_t settings_hash = 0;
  std::uint32_t protocol = cluster::protocol_version;
  cluster::outbox_settings link;
  std::chrono::milliseconds question_timeout{5'000};
  std::chrono::milliseconds hello_timeout{5'000};
  std::chrono::milliseconds redial_min{250};
  std::chrono::milliseconds redial_max{2'000};
  /// A node that is fenced for so long sends its clients elsewhere, over the time after it.
  std::chrono::milliseconds farewell_after{20'000};
  std::chrono::milliseconds farewell_over{10'000};
  /// So many views behind may a node be and still learn of each: five that restart in turn. At
  /// least 1.
  std::size_t recent_views = 16;
};

/// What the host of this node's shards has done; written by it, read by any thread.
struct shard_figures {
  std::atomic<std::uint64_t> pulled{
      0}; ///< shards that came from their last owner with all they had
  std::atomic<std::uint64_t> salvaged{0};  ///< put together from what others had: after a crash
  std::atomic<std::uint64_t> handed_on{0}; ///< that their next owner has received
};

struct cluster_services {
  cluster_services(node_services& of, cluster::peer_transport& over, cluster_settings by)
      : node(of), transport(over), settings(std::move(by)) {}

  /// Who this node is, as of now: a node that was declared down goes on under a new incarnation.
  /// Any thread; the reference stays good.
  const cluster::node_identity& self() const noexcept {
    const auto* life = life_.load(std::memory_order_acquire);
    return life == nullptr ? settings.self.id : *life;
  }
  /// At the start, and by membership; one at a time.
  void begin_life(std::uint64_t incarnation) {
    settings.self.id.incarnation = incarnation;
    life_.store(&lives_.emplace_back(settings.self.id), std::memory_order_release);
  }

  node_services& node;
  cluster::peer_transport& transport;
  /// Beside the links; null where the cluster has no secret. Set before the layer starts, outlives
  /// it.
  cluster::probe_transport* probes = nullptr;
  cluster_settings settings; ///< `self.id` is read by actors of the layer's strand only: `self()`
  peer_book peers;
  /// The newest view this node has heard of and acts by.
  std::atomic<std::uint64_t> view_no{0};
  std::atomic<std::uint64_t> view_heard{0}; ///< the newest that anybody has spoken of
  std::atomic<bool> leaving{false}; ///< asked to go: that others let go of this node is no news
  std::atomic<std::uint64_t> empty_in_view{0}; ///< in which this node held nothing any more
  std::function<void(const cluster::view&)> view_changed;
  std::function<void(const cluster::node_identity&)> peer_met;
  std::function<void(const cluster::node_identity&)> peer_missed; ///< the connection is gone
  /// This node cannot be of this cluster, for that reason: one sentence, said once. It goes on
  /// trying, but had better be stopped.
  std::function<void(const std::string&)> refused_for_good;
  /// The incarnation of the next life of this node: above `last`, and kept where lives are counted.
  std::function<std::uint64_t(std::uint64_t last)> next_life = [](std::uint64_t last) {
    return last + 1;
  };
  caf::strong_actor_ptr mesh;
  caf::strong_actor_ptr membership;
  caf::strong_actor_ptr shard_host;
  cluster_routes* routes = nullptr;
  shard_figures shards;

private:
  std::deque<cluster::node_identity> lives_; ///< grows by one each time the node was declared down
  std::atomic<const cluster::node_identity*> life_{nullptr};
};

} // namespace argosy
