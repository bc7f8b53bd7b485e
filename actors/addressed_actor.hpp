// addressed_actor: an actor that the router knows by an address and wakes on demand: a room, a
// room's replica, a user.
//
// Picture a desk that is set up when the first letter for it arrives and cleared when no more are
// expected. It has no thread and no mailbox of its own; its strand is chosen by whoever activates
// it. What its handler throws ends it alone: the address is free for a successor.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/strand.hpp"

namespace argosy {

class addressed_actor : public strand_actor {
public:
  void receive(caf::mailbox_element& what) final;
  void failed(const char* what) noexcept final;

protected:
  addressed_actor(caf::actor_config& config, strand& home, node_services& services,
                  argosy::address at);

  /// Before the first message: the one place from which it may already send.
  virtual void begin() {}
  /// False if it is no message of this kind of actor.
  virtual bool act_on(caf::mailbox_element& what) = 0;

  /// It failed and has left the switchboard: tell those who must ask its successor.
  virtual void forsake() noexcept {}

  /// Leaves the switchboard and ends, unless a message is on its way here. True if it has ended.
  bool passivate();

  node_services& node_;
  const argosy::address at_;

private:
  void give_way(const shard_lost& m);

  bool begun_ = false;
  bool leaving_ = false;
};

} // namespace argosy
