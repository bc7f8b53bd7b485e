// visible_mailbox: shows ThreadSanitizer what happens inside CAF's mailbox and scheduler.
//
// Debian's libcaf_core is not instrumented: the sanitizer sees neither that a message was written
// before it was read, nor that an actor handles one message after the other, and takes every
// message for a race. Suppressing libcaf_core would hide true races, too: its frames are on the
// stack of whatever these actors do. So two mutexes say aloud what CAF promises anyway. Nobody ever
// waits for them long, and in other builds they are not there.
#pragma once

#include <caf/event_based_actor.hpp>

#include <cstddef>
#include <mutex>
#include <utility>

namespace argosy {

#ifdef __SANITIZE_THREAD__

class visible_mailbox : public caf::event_based_actor {
public:
  using caf::event_based_actor::enqueue;
  using caf::event_based_actor::event_based_actor;

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    pass_letter();
    caf::event_based_actor::enqueue(std::move(what), host);
  }

  void launch(caf::execution_unit* host, bool lazy, bool hide) override {
    pass_letter();
    caf::event_based_actor::launch(host, lazy, hide);
  }

  /// One message at a time: the oldest one was enqueued before the actor was woken, or before the
  /// previous message was done.
  resume_result resume(caf::execution_unit* host, std::size_t messages_max) override {
    const std::lock_guard turn{turn_};
    auto result = resume_result::resume_later;
    for (; messages_max > 0 && result == resume_result::resume_later; --messages_max) {
      pass_letter();
      result = caf::event_based_actor::resume(host, 1);
    }
    return result;
  }

private:
  void pass_letter() { const std::lock_guard passing{letters_}; }

  std::mutex letters_; ///< whoever sends has held it before whoever handles
  std::mutex turn_;    ///< held while a thread of the scheduler runs the actor
};

#else

using visible_mailbox = caf::event_based_actor;

#endif

} // namespace argosy
