// dock_actor: where streams become connections; one per node, published on BASP.
//
// Takes what the edge has authenticated and hands it to CAF's BASP broker, with the two messages
// that CAF's own middleman uses: (publish, scribe) greets as a server does, (connect, scribe) waits
// for that greeting. Then the two docks introduce a berth to each other. A connection is over when
// both the edge and BASP have let go of it; only then does the edge hear `release`.
#pragma once

#include "runtime/basp/berths.hpp"
#include "runtime/basp/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>
#include <unordered_map>

namespace argosy::basp {

class dock_actor final : public caf::event_based_actor {
public:
  dock_actor(caf::actor_config& config, std::shared_ptr<harbour> h);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "dock"; }

private:
  using peer_connection = cluster::peer_connection;

  struct call {
    cluster::peer_stream stream;
    caf::actor berth;
    bool greeting = false; ///< BASP waits for the other side's greeting
    bool ended = false;    ///< the edge has let go
    bool refused = false;
    bool told = false; ///< its berth has told the owner that it is over
    std::string why;
  };

  void adopt(const stream_opened& opened);
  void connected(peer_connection c, const caf::strong_actor_ptr& dock);
  void not_connected(peer_connection c, const std::string& why);
  void greet(const std::string& token, const caf::actor& peer);
  void moor(call& to, const caf::actor& watched);
  void ended(const stream_ended& e);
  void berth_gone(const caf::actor_addr& which);
  void overdue(peer_connection c);
  void finish_if_over(peer_connection c);

  std::shared_ptr<harbour> harbour_;
  caf::actor broker_;
  std::unordered_map<peer_connection, call> calls_;
  std::unordered_map<std::string, peer_connection> awaited_; ///< inbound streams by token
};

} // namespace argosy::basp
