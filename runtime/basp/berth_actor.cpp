#include "runtime/basp/berth_actor.hpp"

#include "runtime/peer_transport.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <utility>

namespace argosy::basp {

namespace {

/// When the edge has seen the end of a stream, what BASP has read of it is still on its way here;
/// that is over when nothing has come for so long. BASP's own word is not waited for: where it
/// knows a way to the node over a third one, it never says that the node is gone.
constexpr std::chrono::milliseconds quiet{200};

} // namespace

berth_actor::berth_actor(caf::actor_config& config, std::shared_ptr<harbour> h,
                         cluster::peer_stream stream, caf::actor watched)
    : caf::event_based_actor(config), harbour_(std::move(h)), stream_(std::move(stream)),
      watched_(std::move(watched)) {
  set_default_handler(caf::drop);
  set_down_handler([this](caf::down_msg&) {
    leave("the node " + stream_.node + " is gone or has been silent for too long");
  });
}

caf::behavior berth_actor::make_behavior() {
  monitor(watched_);
  if (stream_.inbound)
    open(watched_);
  return {
      [this](welcome_atom, const caf::actor& peer) { open(peer); },
      [this](const peer_batch& batch) { take(batch); },
      [this](const stream_ended& ended) {
        why_ = ended.why;
        delayed_send(this, quiet, overdue_atom::value);
      },
      [this](overdue_atom) {
        if (std::exchange(still_came_, false))
          delayed_send(this, quiet, overdue_atom::value);
        else
          leave(why_);
      },
  };
}

void berth_actor::on_exit() {
  if (harbour_)
    harbour_->open.remove(stream_.connection);
  harbour_.reset();
  watched_ = nullptr;
}

// An inbound berth speaks first, so that its welcome is ahead of every batch.
void berth_actor::open(const caf::actor& peer) {
  if (std::exchange(opened_, true))
    return;
  if (stream_.inbound)
    caf::anon_send(peer, welcome_atom::value, caf::actor_cast<caf::actor>(ctrl()));
  else
    monitor(peer);
  harbour_->open.add(stream_.connection, peer);
  caf::anon_send(caf::actor_cast<caf::actor>(harbour_->owner),
                 cluster::peer_opened{stream_.connection, stream_.inbound,
                                      stream_.certified ? stream_.node : std::string{}});
}

void berth_actor::take(const peer_batch& batch) {
  still_came_ = true;
  if (batch.bytes->size() > batch_bytes_max) {
    harbour_->streams->close(stream_.connection);
    return;
  }
  if (opened_)
    caf::anon_send(caf::actor_cast<caf::actor>(harbour_->owner),
                   cluster::peer_received{stream_.connection, batch.bytes});
}

void berth_actor::leave(const std::string& why) {
  caf::anon_send(caf::actor_cast<caf::actor>(harbour_->owner),
                 cluster::peer_closed{stream_.connection, false, why_.empty() ? why : why_});
  quit();
}

} // namespace argosy::basp
