// fixture: certificates of a cluster in a directory of their own, edges with a taker that writes
// down, and whole nodes that speak BASP. All on 127.0.0.1, on ports that the kernel picks.
#pragma once

#include "net/cluster/certificates.hpp"
#include "net/cluster/cluster_edge.hpp"
#include "runtime/basp/basp_transport.hpp"
#include "runtime/peer_transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace argosy::test {

inline constexpr std::chrono::seconds patience{20};

/// Polls `condition` until it holds or the one deadline has passed.
bool eventually(const std::function<bool()>& condition);

/// A new directory, removed at the end.
class directory {
public:
  directory();
  ~directory();
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
  std::string file(std::string_view name) const { return path_ / name; }
  std::string path() const { return path_; }

private:
  std::filesystem::path path_;
};

void write_file(const std::string& path, std::string_view text);
std::string read_file(const std::string& path);

/// The authority of the cluster "fleet" and what it has signed.
struct papers {
  explicit papers(std::string cluster = "fleet");

  /// Writes NAME.crt and NAME.key.
  void issue(const std::string& name, const net::validity& v = {});
  void issue_for(const net::node_name& who, const std::string& file, const net::validity& v = {});

  /// Settings of a node, with a certificate if there is none yet.
  net::edge_settings of(const std::string& name);

  directory where;
  std::string cluster;
  net::certificate authority;
};

/// A node of the cluster "fleet".
net::edge_settings insecure(const std::string& name);
net::edge_settings secured(const std::string& name, const std::string& papers);

/// A taker that keeps the sockets open and notes what it hears.
class noting_taker final : public cluster::peer_stream_taker {
public:
  ~noting_taker() override;
  void opened(const cluster::peer_stream& stream) override;
  void ended(cluster::peer_connection which, bool refused, const std::string& why) override;

  struct ending {
    cluster::peer_connection connection;
    bool refused;
    std::string why;
  };
  std::vector<cluster::peer_stream> streams() const;
  std::vector<ending> endings() const;
  bool wait_streams(std::size_t count) const;
  /// "" if it does not come.
  std::string why_of(cluster::peer_connection which) const;

private:
  mutable std::mutex mutex_;
  std::vector<cluster::peer_stream> streams_;
  std::vector<ending> endings_;
};

/// An edge on a port of its own.
struct edge_fixture {
  explicit edge_fixture(net::edge_settings s);
  std::string address() const { return "127.0.0.1:" + std::to_string(edge->port()); }

  std::shared_ptr<noting_taker> taker = std::make_shared<noting_taker>();
  std::vector<std::string> warnings;
  std::mutex warnings_mutex;
  std::shared_ptr<net::cluster_edge> edge;
};

/// What a node's owner has heard. Thread-safe.
class events {
public:
  void add(const cluster::peer_opened& e);
  void add(const cluster::peer_received& e);
  void add(const cluster::peer_closed& e);

  /// Calls `what` for each batch, on the owner's thread, before it counts; not after the next call
  /// of this. It must not ask for events.
  void on_batch(std::function<void(const cluster::peer_received&)> what);

  std::vector<cluster::peer_opened> opened() const;
  std::vector<cluster::peer_closed> closed() const;
  std::size_t batches() const;

  bool wait_opened(std::size_t count) const;
  bool wait_closed(std::size_t count) const;
  bool wait_batches(std::size_t count) const;

private:
  template <class Condition>
  bool wait(Condition condition) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::function<void(const cluster::peer_received&)> on_batch_;
  std::vector<cluster::peer_opened> opened_;
  std::vector<cluster::peer_closed> closed_;
  std::size_t batches_ = 0;
};

/// Actor system, edge and transport.
class basp_node {
public:
  explicit basp_node(net::edge_settings s);
  ~basp_node();

  std::string address() const { return "127.0.0.1:" + std::to_string(edge_->port()); }
  cluster::peer_connection dial(const basp_node& other) {
    return transport_->dial(other.address());
  }
  /// Dials and waits; the connection's number.
  cluster::peer_connection connect(const std::string& address);
  void send(cluster::peer_connection to, std::string bytes);
  cluster::peer_transport& transport() { return *transport_; }
  net::cluster_edge& edge() { return *edge_; }

  events heard;

private:
  struct configuration;

  std::unique_ptr<configuration> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<net::cluster_edge> edge_;
  caf::actor owner_;
  std::unique_ptr<basp::basp_transport> transport_;
};

} // namespace argosy::test
