// peer_transport: bytes between this node and another; the port below the links.
//
// Picture the water between two ships: boats cross it in the order in which they left, or not at
// all, and the lookout reports who comes alongside and who is out of sight. Who sends what, how
// urgent it is and how much may be under way is the links' business. Two implementations: BASP over
// sockets that our own edge has authenticated (net/cluster), and the simulated network of the
// tests.
#pragma once

#include "runtime/cluster/link_lane.hpp"
#include "runtime/cluster/peer_connection.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <string>
#include <string_view>

namespace argosy::cluster {

/// All calls from any thread; none blocks.
class peer_transport {
public:
  virtual ~peer_transport() = default;

  /// Who hears `peer_opened`, `peer_received` and `peer_closed`. Once, before any other call.
  virtual void attach(caf::strong_actor_ptr owner) = 0;

  /// Opens a connection to `address` (host:port): `peer_opened` or `peer_closed` of that number
  /// follows, within the handshake deadline.
  virtual peer_connection dial(std::string_view address) = 0;

  /// Hands `batch` over: in order, whole, at most once. Nothing happens once the connection is
  /// gone. Does not bound what is under way: the sender's credit does.
  virtual void send(peer_connection to, shared_bytes batch) = 0;

  /// `peer_closed` follows.
  virtual void close(peer_connection which) = 0;

  /// Accepts no more and closes all.
  virtual void stop() = 0;
};

struct peer_opened {
  peer_connection connection = 0;
  bool inbound = false;
  /// The node's name by its certificate; empty where the cluster runs without TLS.
  std::string certified_name;
};
struct peer_received {
  peer_connection connection = 0;
  shared_bytes batch;
};
struct peer_closed {
  peer_connection connection = 0;
  bool refused = false; ///< the address answers that nobody listens there: its node is dead
  std::string why;      ///< one sentence
};

} // namespace argosy::cluster

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::peer_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::peer_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::cluster::peer_closed)
