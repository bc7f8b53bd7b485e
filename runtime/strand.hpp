// strand: a queue of messages for many small actors that share one thread of execution.
//
// Picture one secretary for a floor of offices: the mail of all of them goes through one tray, in
// order, and each office is only a desk. A CAF event_based_actor brings a whole mail room of its
// own (1,016 bytes); a strand_actor brings a desk (about 200 bytes), and is still a CAF actor: it
// has a handle, an id, monitors and links, and is sent to like any other. Connections and fan
// workers share the strand of their socket loop; users share strands on the scheduler.
#pragma once

#include "runtime/core/address.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace argosy {

class strand_actor;

/// FIFO over all actors of the strand; `push` from any thread, `drain` from one thread at a time.
class strand {
public:
  virtual ~strand();

  /// Any thread.
  void push(caf::intrusive_ptr<caf::actor_control_block> to, caf::mailbox_element_ptr what);

  /// True while the calling thread is inside this strand's `drain`.
  bool here() const noexcept { return current() == this; }

protected:
  /// Handles up to `budget` messages in `host`'s name; returns true when more are waiting. When it
  /// returns false, the next push calls `schedule` again.
  bool drain(std::size_t budget, caf::execution_unit* host);

  /// The strand went from idle to busy. Any thread; called outside of the lock.
  virtual void schedule() = 0;

private:
  struct letter {
    caf::intrusive_ptr<caf::actor_control_block> to;
    caf::mailbox_element_ptr what;
  };
  static const strand*& current() noexcept;

  std::mutex mutex_;
  std::vector<letter> inbox_; // guarded by mutex_
  bool busy_ = false;         // guarded by mutex_
  std::vector<letter> batch_; // drain only
  std::size_t next_ = 0;      // drain only
};

/// An actor without a mailbox of its own. All messages arrive through its strand, so `receive`
/// needs no lock.
class strand_actor : public caf::monitorable_actor {
public:
  using address = argosy::address; ///< ours, not the handle that CAF calls so

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) final;

  /// One message. Not called after `terminate`.
  virtual void receive(caf::mailbox_element& what) = 0;

  /// Ends the actor: monitors and links are told, messages that still come are dropped (requests
  /// are bounced). On the strand only.
  void terminate(caf::exit_reason reason);

  /// `receive` let an exception out: the actor is about to be terminated. Release what must not
  /// stay.
  virtual void failed(const char* what) noexcept;

  /// Messages on their way to this actor, the one being handled not counted.
  std::uint32_t letters() const noexcept { return letters_.load(std::memory_order_acquire); }

  bool terminated() const noexcept { return getf(is_terminated_flag); }
  strand& home() const noexcept { return strand_; }
  caf::strong_actor_ptr handle() { return caf::strong_actor_ptr{ctrl()}; }

protected:
  strand_actor(caf::actor_config& config, strand& home)
      : caf::monitorable_actor(config), strand_(home) {}

  /// The system's clock, which tests move.
  std::chrono::steady_clock::time_point now() { return home_system().clock().now(); }

  /// `message` to itself after `delay`; cannot be cancelled, so handlers check their state.
  template <class T>
  void tell_self_after(std::chrono::milliseconds delay, T message) {
    auto& clock = home_system().clock();
    clock.schedule_message(
        clock.now() + delay, handle(),
        caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)));
  }

private:
  friend class strand;
  void take(caf::mailbox_element& what, caf::execution_unit* host);

  strand& strand_;
  std::atomic<std::uint32_t> letters_{0};
};

/// Creates a strand actor. It lives as long as somebody holds a handle to it.
template <class T, class Home, class... Args>
caf::strong_actor_ptr spawn_on(caf::actor_system& system, Home& home, Args&&... args) {
  caf::actor_config config{system.dummy_execution_unit()};
  return caf::make_actor<T, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system,
                                                   config, home, std::forward<Args>(args)...);
}

/// The object behind a handle that is known to be a T.
template <class T>
T& actor_object(const caf::strong_actor_ptr& handle) noexcept {
  return *static_cast<T*>(handle->get());
}

/// A strand that runs on CAF's scheduler, a slice at a time.
class scheduler_strand final : public strand, public caf::resumable, public caf::ref_counted {
public:
  explicit scheduler_strand(caf::actor_system& system) : system_(system) {}

  caf::resumable::resume_result resume(caf::execution_unit* host, std::size_t throughput) override;
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

private:
  void schedule() override;

  caf::actor_system& system_;
};

} // namespace argosy
