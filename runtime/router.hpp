// router: from an address to the actor behind it; the only way to a user, room or tracker.
//
// Picture a switchboard: callers name whom they want and are put through; if nobody sits there yet,
// somebody is called in. Today all owners are on this node; with more nodes, `route` puts the
// message on the link to the owner instead, and callers cannot tell. Thread-safe: one lock per
// slice of the key space, held for a look-up and an enqueue.
//
// Invariant: a message is enqueued while its slice is locked. So an actor that finds its mailbox
// empty while it holds that lock (`retire_if`) can leave the board and end at once: nothing is
// lost, and nobody sees two of it.
#pragma once

#include "runtime/core/address.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <array>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace argosy {

class router {
public:
  /// Makes the actor of an address that has none. Runs under the slice's lock: spawn, do not route.
  using activator = std::function<caf::strong_actor_ptr(const address&)>;

  router();
  router(const router&) = delete;
  router& operator=(const router&) = delete;

  /// Names who makes the actors of `kind`. Before the first `route`.
  void serve(address_kind kind, activator make);

  /// Delivers `message` to the actor at `to`, activating it if it sleeps. False after `close`.
  template <class T>
  bool route(const address& to, T message) {
    return deliver(
        to, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)));
  }

  /// As `route`, but only if the actor is awake.
  template <class T>
  bool route_if_active(const address& to, T message) {
    auto there = find(to);
    if (there)
      there->enqueue(
          caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)),
          nullptr);
    return there != nullptr;
  }

  /// The actor at `to` if it is awake.
  caf::strong_actor_ptr find(const address& to) const;

  /// Takes `who` off the board if it is the one at `at`: the next message activates another.
  bool retire(const address& at, caf::actor_id who);

  /// As `retire`, but only if `nothing_waits()` is true while the slice is locked.
  bool retire_if(const address& at, caf::actor_id who, const std::function<bool()>& nothing_waits);

  /// The awake addresses of a kind; a copy, in no order.
  std::vector<address> active(address_kind kind) const;
  std::size_t count(address_kind kind) const;

  /// Shutdown: nothing is activated or delivered any more; every actor on the board is told to
  /// exit.
  void close();

private:
  static constexpr std::size_t slice_count = 256;
  struct slice {
    mutable std::mutex mutex;
    std::unordered_map<address, caf::strong_actor_ptr> actors;
  };

  bool deliver(const address& to, caf::mailbox_element_ptr what);
  slice& slice_of(const address& a) const;

  std::array<activator, address_kind_count> activators_;
  mutable std::array<std::array<slice, slice_count>, address_kind_count> board_;
  std::atomic<bool> closed_{false};
};

} // namespace argosy
