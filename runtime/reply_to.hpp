// reply_to: where an answer goes, and what the asker calls the question.
//
// A plain CAF request would put a timer and a promise on every command. A ticket is four bytes: the
// asker keeps its own table, bounded and with one deadline for all. Between nodes the link replaces
// the handle at its edge.
#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <utility>

namespace argosy {

/// Sends without a sender, so that a dead receiver costs nothing.
template <class T>
void tell(const caf::strong_actor_ptr& to, T message) {
  if (to)
    to->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)),
                nullptr);
}

struct reply_to {
  caf::strong_actor_ptr actor;
  std::uint32_t ticket = 0;

  /// `message.ticket` is filled in.
  template <class T>
  void answer(T message) const {
    message.ticket = ticket;
    tell(actor, std::move(message));
  }
};

} // namespace argosy
