// probe_transport: short calls between nodes beside the links, so that none waits behind data; the
// port below membership.
//
// Picture a lamp signal from ship to ship while the mail boats queue: it arrives at once or not at
// all, now and then late, and nobody but the fleet can make one. Two implementations: authenticated
// datagrams (net/cluster/probe_socket), and the simulated network of the tests.
#pragma once

#include "runtime/cluster/member.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace argosy::cluster {

struct probe_note {
  node_identity from; ///< proved
  node_identity to;   ///< whom it was meant for: the receiver compares
  bool answer = false;
  std::uint64_t sequence = 0;
};

/// All calls from any thread; none blocks.
class probe_transport {
public:
  using taker = std::function<void(const probe_note&)>;

  virtual ~probe_transport() = default;

  /// Who hears what comes; on a thread of the transport's. Once, before any other call.
  virtual void attach(taker who) = 0;

  /// To `address` (host:port). May be lost, late or overtaken; never twice.
  virtual void send(const std::string& address, const probe_note& what) = 0;

  /// Nothing is heard any more when this returns.
  virtual void stop() = 0;
};

} // namespace argosy::cluster
