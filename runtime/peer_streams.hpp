// peer_streams: authenticated byte streams to other nodes; the port below the BASP transport.
//
// Picture a harbour gate: whoever comes through has shown papers, and the gatekeeper hands over the
// keys of one boat, no more. Sockets, certificates and strangers are the gatekeeper's business
// (net/cluster); what is said aboard is that of BASP (runtime/basp). Neither knows the other.
#pragma once

#include "runtime/cluster/peer_connection.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace argosy::cluster {

/// There is at most one stream to a node at a time, whichever side dialled.
struct peer_stream {
  peer_connection connection = 0;
  int socket = -1; ///< a stream socket; whoever takes the stream closes it
  bool inbound = false;
  bool certified = false; ///< `node` is from a certificate of the cluster's authority
  std::string node;       ///< the peer's name
  std::string token;      ///< random bytes that only the two ends of this stream know
};

/// Who takes the streams. Called on the gatekeeper's own thread: must not block.
class peer_stream_taker {
public:
  virtual ~peer_stream_taker() = default;

  virtual void opened(const peer_stream& stream) = 0;

  /// Once for each dial and each stream that opened, and nothing after it. The stream's socket is
  /// at its end, too. `refused`: the address answers that nobody listens there.
  virtual void ended(peer_connection which, bool refused, const std::string& why) = 0;
};

/// All calls from any thread but the gatekeeper's; only `stop` blocks.
class peer_streams {
public:
  virtual ~peer_streams() = default;

  /// Once, before any other call.
  virtual void attach(std::shared_ptr<peer_stream_taker> taker) = 0;

  /// `opened` or `ended` follows within the handshake deadline.
  virtual peer_connection dial(std::string_view address) = 0;

  /// `ended` follows, unless it came already.
  virtual void close(peer_connection which) = 0;

  /// After `ended`: nothing of that stream is left on the taker's side. Only now may another stream
  /// to the same node open.
  virtual void release(peer_connection which) = 0;

  /// Ends all streams and waits for the gatekeeper's thread. Idempotent.
  virtual void stop() = 0;
};

} // namespace argosy::cluster
