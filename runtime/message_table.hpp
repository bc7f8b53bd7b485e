// message_table: the behaviour of a strand actor as a table, one line a message, shared by all
// actors of the class.
#pragma once

#include <caf/type_erased_tuple.hpp>

#include <array>
#include <cstddef>

namespace argosy {

namespace detail {
template <class>
struct handler_traits;
template <class Actor, class Message>
struct handler_traits<void (Actor::*)(Message&)> {
  using actor = Actor;
  using message = Message;
};
} // namespace detail

/// One row: if the content is the handler's message, calls the handler with it.
template <class Actor>
using message_row = bool (*)(Actor&, caf::type_erased_tuple&);

/// `on<&connection_actor::published>`: the message type is the handler's parameter.
template <auto Handler>
bool on(typename detail::handler_traits<decltype(Handler)>::actor& self,
        caf::type_erased_tuple& content) {
  using message = typename detail::handler_traits<decltype(Handler)>::message;
  if (!content.template match_elements<message>())
    return false;
  if (content.shared()) {
    message copy = content.template get_as<message>(0);
    (self.*Handler)(copy);
  } else {
    (self.*Handler)(content.template get_mutable_as<message>(0));
  }
  return true;
}

/// Tries the rows in order; put the frequent ones first. False = nobody wanted the message.
template <class Actor, std::size_t N>
bool dispatch(const std::array<message_row<Actor>, N>& rows, Actor& self,
              caf::type_erased_tuple& content) {
  for (auto row : rows)
    if (row(self, content))
      return true;
  return false;
}

} // namespace argosy
