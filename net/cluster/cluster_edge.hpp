// cluster_edge: the keeper of the cluster port; no stranger gets past it.
//
// One thread accepts and dials, shakes hands under a deadline (mutual TLS against the cluster's
// authority, then the preface), and hands each authenticated stream over as one end of a socket
// pair whose other end it pumps. Memory is bounded: a cap on strangers, 64 KiB for each stream and
// direction, and nothing is read that cannot be passed on.
#pragma once

#include "net/cluster/edge_figures.hpp"
#include "net/cluster/edge_settings.hpp"
#include "runtime/peer_streams.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace argosy::net {

struct edge_core;

class cluster_edge final : public cluster::peer_streams {
public:
  explicit cluster_edge(edge_settings s);
  ~cluster_edge() override;

  /// After `attach`. Listens; "" or a sentence with the remedy, and then nothing runs.
  [[nodiscard]] std::string start();

  std::uint16_t port() const noexcept { return port_; }

  /// Reads the certificates again, for handshakes to come. "" or a sentence; then the old ones
  /// stay. Any thread.
  std::string reload();

  /// Any thread.
  edge_figures figures() const;

  void attach(std::shared_ptr<cluster::peer_stream_taker> taker) override;
  cluster::peer_connection dial(std::string_view address) override;
  void close(cluster::peer_connection which) override;
  void release(cluster::peer_connection which) override;
  void stop() override;

private:
  struct door;

  std::unique_ptr<edge_core> core_;
  std::unique_ptr<door> door_;
  std::atomic<cluster::peer_connection> next_{1};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace argosy::net
