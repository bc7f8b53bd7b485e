// router: from an address to the actor behind it; the only way to a user, room or tracker.
//
// Picture a switchboard: callers name whom they want and are put through; if nobody sits there yet,
// somebody is called in. Where the owner is on another node, the message goes to the link that
// leads there, and callers cannot tell. Thread-safe: one lock per slice of the key space, held for
// a look-up and an enqueue.
//
// Invariant: a message is enqueued while its slice is locked. So an actor that finds its mailbox
// empty while it holds that lock (`retire_if`) can leave the board and end at once: nothing is
// lost, and nobody sees two of it. And where a shard is, is looked at and changed under that lock,
// too: what is told to a room after `put` has sent its shard away comes after all that was routed
// to it.
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/node_message.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace argosy {

/// Where a shard's owner is, as this node acts by it: here, nowhere yet, or with the peer of that
/// number.
using place = std::uint16_t;
inline constexpr place this_node = 0;
inline constexpr place nowhere = 1;
inline constexpr place first_peer = 2;

/// The rest of the cluster, as the router sees it.
class elsewhere {
public:
  /// Takes a message for an address whose owner is, or was a moment ago, not `this_node`. Any
  /// thread.
  /// Whoever cannot be reached is answered for: with errc::retry_later, never with silence.
  virtual void forward(place where, const address& to, routed_message what) = 0;

protected:
  ~elsewhere() = default;
};

namespace detail {
template <class T, class Variant>
struct is_alternative;
template <class T, class... Ts>
struct is_alternative<T, std::variant<Ts...>> : std::bool_constant<(std::is_same_v<T, Ts> || ...)> {
};
} // namespace detail

/// Whether a message wakes an actor that sleeps.
enum class wake : bool { no, yes };

class router {
public:
  /// Makes the actor of an address that has none. Runs under the slice's lock: spawn, do not route.
  using activator = std::function<caf::strong_actor_ptr(const address&)>;

  router();
  router(const router&) = delete;
  router& operator=(const router&) = delete;

  /// Names who makes the actors of `kind`. Before the first `route`.
  void serve(address_kind kind, activator make);

  /// With more nodes than this one: who takes what is not for here. Before the first `route`.
  void join(elsewhere& rest) noexcept { rest_ = &rest; }

  /// Any thread. When it returns, no message is on its way by the old place any more.
  void put(std::uint32_t shard, place at);
  place place_of(std::uint32_t shard) const noexcept {
    return places_[shard].load(std::memory_order_acquire);
  }

  /// Delivers `message` to the actor at `to`, activating it if it sleeps. False after `close`.
  template <class T>
  bool route(const address& to, T message) {
    return go(to, message, wake::yes);
  }

  /// As `route`, but only if the actor is awake. Of an owner elsewhere that is not known: the
  /// message goes there, and true is returned.
  template <class T>
  bool route_if_active(const address& to, T message) {
    return go(to, message, wake::no);
  }

  /// For what has come from another node: true if the owner is here, and the message is delivered
  /// (or in vain: nobody is awake, or all is closed). False if it is not: `message` is as it was.
  template <class T>
  bool take_in(const address& to, T& message, wake how) {
    return offer(to, message, how, true) != delivery::elsewhere;
  }

  /// Inside of the node, wherever the owner is.
  template <class T>
  bool route_here(const address& to, T message) {
    return offer(to, message, wake::yes, false) == delivery::done;
  }
  template <class T>
  bool route_here_if_active(const address& to, T message) {
    return offer(to, message, wake::no, false) == delivery::done;
  }

  /// The actor at `to` if it is awake.
  caf::strong_actor_ptr find(const address& to) const;

  /// Takes `who` off the board if it is the one at `at`: the next message activates another.
  bool retire(const address& at, caf::actor_id who);

  /// As `retire`, but only if `nothing_waits()` is true while the slice is locked.
  bool retire_if(const address& at, caf::actor_id who, const std::function<bool()>& nothing_waits);

  /// The awake addresses of a kind; a copy, in no order.
  std::vector<address> active(address_kind kind) const;
  /// Those of one shard. Looks at one slice only.
  std::vector<address> active(address_kind kind, std::uint32_t shard) const;
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

  enum class delivery : std::uint8_t { done, nobody, elsewhere };

  delivery deliver(const address& to, caf::mailbox_element_ptr& what, wake how, bool by_owner);
  slice& slice_of(const address& a) const;

  /// `message` is as it was unless this says `done`.
  template <class T>
  delivery offer(const address& to, T& message, wake how, bool by_owner) {
    auto made = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message));
    const auto said = deliver(to, made, how, by_owner);
    if (said != delivery::done)
      message = std::move(made->content().template get_mutable_as<T>(0));
    return said;
  }

  template <class T>
  bool go(const address& to, T& message, wake how) {
    if constexpr (detail::is_alternative<T, routed_message>::value) {
      if (to.kind() != address_kind::replica) {
        const auto said =
            place_of(to.shard()) == this_node ? offer(to, message, how, true) : delivery::elsewhere;
        if (said == delivery::elsewhere)
          rest_->forward(place_of(to.shard()), to, std::move(message));
        return said != delivery::nobody;
      }
    }
    return offer(to, message, how, false) == delivery::done;
  }

  elsewhere* rest_ = nullptr;
  std::array<std::atomic<place>, shard_count> places_{};
  std::array<activator, address_kind_count> activators_;
  mutable std::array<std::array<slice, slice_count>, address_kind_count> board_;
  std::atomic<bool> closed_{false};
};

} // namespace argosy
