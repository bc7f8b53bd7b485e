#include "runtime/basp/basp_transport.hpp"

#include "runtime/basp/berths.hpp"
#include "runtime/basp/dock_actor.hpp"
#include "runtime/basp/messages.hpp"

#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <utility>

namespace argosy::basp {

namespace {

/// On the edge's thread: from sockets to what BASP can hold, and on to the dock. A scribe that
/// nobody takes closes its socket.
class pilot final : public cluster::peer_stream_taker {
public:
  pilot(caf::actor_system& system, caf::actor dock) : system_(system), dock_(std::move(dock)) {}

  void opened(const cluster::peer_stream& stream) override {
    caf::anon_send(dock_,
                   stream_opened{stream, system_.middleman().backend().new_scribe(stream.socket)});
  }
  void ended(cluster::peer_connection which, bool refused, const std::string& why) override {
    caf::anon_send(dock_, stream_ended{which, refused, why});
  }

private:
  caf::actor_system& system_;
  caf::actor dock_;
};

} // namespace

basp_transport::basp_transport(caf::actor_system& system,
                               std::shared_ptr<cluster::peer_streams> streams)
    : system_(system), harbour_(std::make_shared<harbour>()) {
  harbour_->streams = std::move(streams);
}

basp_transport::~basp_transport() {
  stop();
}

void basp_transport::attach(caf::strong_actor_ptr owner) {
  harbour_->owner = std::move(owner);
  dock_ = system_.spawn<dock_actor>(harbour_);
  harbour_->streams->attach(std::make_shared<pilot>(system_, dock_));
}

cluster::peer_connection basp_transport::dial(std::string_view address) {
  return harbour_->streams->dial(address);
}

void basp_transport::send(cluster::peer_connection to, cluster::shared_bytes batch) {
  const auto peer = harbour_->open.peer(to);
  if (!peer)
    return;
  if (batch->size() > batch_bytes_max)
    close(to);
  else
    caf::anon_send(peer, peer_batch{std::move(batch)});
}

void basp_transport::close(cluster::peer_connection which) {
  harbour_->streams->close(which);
}

void basp_transport::stop() {
  harbour_->streams->stop();
  if (dock_)
    caf::anon_send_exit(std::exchange(dock_, nullptr), caf::exit_reason::user_shutdown);
}

} // namespace argosy::basp
