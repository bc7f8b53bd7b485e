// basp_transport: peer_transport over CAF's BASP, on streams that an edge has authenticated.
//
// Never blocks but in `stop` and the destructor, which wait for the edge's thread. Batches go to
// BASP's I/O thread, which buffers without a bound: the sender's credit is the bound.
#pragma once

#include "runtime/peer_streams.hpp"
#include "runtime/peer_transport.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <string_view>

namespace argosy::basp {

struct harbour;

class basp_transport final : public cluster::peer_transport {
public:
  /// `system` was configured by `configure_basp`. Attach before the streams are started.
  basp_transport(caf::actor_system& system, std::shared_ptr<cluster::peer_streams> streams);
  ~basp_transport() override;

  void attach(caf::strong_actor_ptr owner) override;
  cluster::peer_connection dial(std::string_view address) override;

  /// A batch longer than `batch_bytes_max` closes the connection: it cannot be delivered, and the
  /// peer must not take what follows for all there is.
  void send(cluster::peer_connection to, cluster::shared_bytes batch) override;
  void close(cluster::peer_connection which) override;
  void stop() override;

private:
  caf::actor_system& system_;
  std::shared_ptr<harbour> harbour_;
  caf::actor dock_;
};

} // namespace argosy::basp
