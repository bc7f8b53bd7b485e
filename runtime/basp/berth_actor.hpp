// berth_actor: one connection, on this side of it. Takes the batches that the other side's berth
// sends, and tells the owner when the connection opens and closes.
//
// Its mailbox is the order of events: BASP's one thread puts batches in as they came, and after the
// last of them the news that the other side is gone.
#pragma once

#include "runtime/basp/berths.hpp"
#include "runtime/basp/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>

namespace argosy::basp {

class berth_actor final : public caf::event_based_actor {
public:
  /// `watched`: the other side's berth on an inbound stream, else its dock. That it goes down means
  /// that BASP has forgotten the node.
  berth_actor(caf::actor_config& config, std::shared_ptr<harbour> h, cluster::peer_stream stream,
              caf::actor watched);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "berth"; }

private:
  void open(const caf::actor& peer);
  void take(const peer_batch& batch);
  void leave(const std::string& why);

  std::shared_ptr<harbour> harbour_;
  const cluster::peer_stream stream_;
  caf::actor watched_;
  std::string why_; ///< the edge's word, if it came first
  bool opened_ = false;
  bool still_came_ = false; ///< a batch, since the last look
};

} // namespace argosy::basp
