// routed_letter: a message for an address, while it waits for its way.
#pragma once

#include "runtime/messages/link.hpp"
#include "runtime/node_message.hpp"
#include "runtime/router.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace argosy {

/// The envelope in which a letter came from another node: only as such can it go back.
struct foreign_envelope {
  caf::strong_actor_ptr link;
  std::string bytes;
  std::uint64_t view_no = 0;
};

struct routed_letter {
  address to;
  routed_message what;
  std::shared_ptr<const foreign_envelope> from; ///< null: an actor of this node has sent it
};

/// These never wake anybody: whom they are for sleeps only when they do not matter any more.
using idle_news = std::variant<retract_interest, member_left, session_closed>;
template <class Message>
constexpr wake how_to_wake() {
  return detail::is_alternative<Message, idle_news>::value ? wake::no : wake::yes;
}

/// About what it costs to keep.
inline std::size_t bytes_of(const routed_letter& letter) {
  return letter.to.text().size() + (letter.from ? letter.from->bytes.size() : 0)
         + std::visit(
             [](const auto& m) {
               std::size_t bytes = sizeof(m);
               if constexpr (requires { m.data; })
                 bytes += m.data.size();
               if constexpr (requires { m.changes; })
                 bytes += m.changes.size() * sizeof(m.changes.front());
               if constexpr (requires { m.entries; })
                 bytes += m.entries.size() * sizeof(m.entries.front());
               if constexpr (requires { m.lingering; })
                 bytes += m.lingering.size() * sizeof(m.lingering.front());
               return bytes;
             },
             letter.what);
}

/// It could not be delivered: whoever asked is told so, and who only said something says it again
/// where that matters (a replica when it hears of it, presence by its beats).
inline void give_back(router& routes, routed_letter& letter) {
  std::visit(
      [&](auto& m) {
        using message = std::decay_t<decltype(m)>;
        if constexpr (requires { m.origin; })
          give_up<message>(m.origin);
        else if (letter.from)
          tell(letter.from->link,
               send_back{letter.from->bytes, letter.from->view_no, cluster::bounce::not_ready});
        else if constexpr (std::is_same_v<message, declare_interest>)
          routes.route_here_if_active(letter.to.as(address_kind::replica), interest_lost{});
      },
      letter.what);
}

} // namespace argosy
