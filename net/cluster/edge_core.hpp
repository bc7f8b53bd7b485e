// edge_core: what the cluster port's streams share. Belongs to the edge's thread, but for what is
// marked otherwise.
#pragma once

#include "net/cluster/asio.hpp"
#include "net/cluster/cluster_tls.hpp"
#include "net/cluster/edge_figures.hpp"
#include "net/cluster/edge_settings.hpp"
#include "net/cluster/peer_slots.hpp"
#include "net/cluster/pending_book.hpp"
#include "runtime/core/repetition.hpp"
#include "runtime/peer_streams.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace argosy::net {

class peer_session;

struct edge_core {
  explicit edge_core(edge_settings s);

  const edge_settings settings;
  const instance_id instance; ///< this life of this node
  cluster_tls tls;            ///< any thread
  asio::io_context loop{1};
  std::shared_ptr<cluster::peer_stream_taker> taker;
  peer_slots slots;
  pending_book pending;
  bool stopping = false;

  std::mutex mutex; ///< for what follows, which `figures` reads from any thread
  std::map<cluster::peer_connection, std::shared_ptr<peer_session>> sessions;
  edge_figures figures;

  /// Counts what did not become a stream.
  void refused(refusal r);

  /// Tells the log, unless it has been told just that lately: of strangers at our door every 10 s,
  /// of nodes that will not have us once.
  void tell(bool inbound, const std::string& sentence);

  std::shared_ptr<peer_session> find(cluster::peer_connection which);

  /// Lets streams that wait for a berth look again.
  void wake_all();

private:
  repetition told_;
};

} // namespace argosy::net
