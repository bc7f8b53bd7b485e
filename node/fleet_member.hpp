// fleet_member: this node's part in the cluster, put together: the cluster port, the links over it,
// the seat among the voters with its directory, and the actors of actors/cluster.
#pragma once

#include "net/cluster/edge_figures.hpp"
#include "net/cluster/probe_socket.hpp"
#include "runtime/config/node_config.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace argosy {

class cluster_layer;
struct node_services;

class fleet_member {
public:
  /// `services.node_name` is set; both outlive this.
  fleet_member(const node_config& config, node_services& services);
  ~fleet_member();

  /// After the services are wired and before a client is let in. "" or one sentence; then nothing
  /// runs.
  [[nodiscard]] std::string start();

  /// Begins to hand over what this node owns; and whether it is done, or cannot be.
  void leave();
  bool left() const;

  /// Links end and the cluster port closes; the others find out at once. Idempotent.
  void stop();

  /// SIGHUP: reads the certificates again. "" or a sentence; then the old ones stay.
  std::string reload();

  /// Why the cluster will never take this node as it is; "" while it may. The process is sent
  /// SIGTERM then.
  std::string refusal() const;

  std::uint16_t port() const;
  net::edge_figures figures() const;
  /// Nothing where probes go over the links only.
  std::optional<net::probe_figures> probe_figures() const;
  const cluster_layer& layer() const;

private:
  struct parts;
  std::string open_store();

  const node_config& config_;
  node_services& services_;
  std::unique_ptr<parts> parts_;
  mutable std::mutex mutex_;
  std::string refusal_; // guarded by mutex_
};

} // namespace argosy
