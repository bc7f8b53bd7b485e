// beast_boundary: the two facts about a Beast stream that its public face does not tell, and that
// decide whether a pooled stream may change hands.
//
// 1. An empty first fragment (opcode text, FIN = 0, length 0) leaves `is_message_done()` true while
//    Beast already waits for a continuation. Handing the stream on would make the next peer's first
//    message a protocol error.
// 2. A text whose last character is cut off by an *empty* final fragment is delivered without the
//    final UTF-8 check, and the half character stays in the checker, for the next peer to trip
//    over.
//
// Both are read from the stream's implementation object. The standard lets an explicit
// instantiation name a private member ([temp.spec.general]); if Beast ever renames it, this file
// stops compiling.
#pragma once

#include "net/engine.hpp"

namespace argosy::net::beast_boundary {

struct implementation {
  friend auto member_of(implementation);
};

template <auto Member>
struct reveal {
  friend auto member_of(implementation) { return Member; }
};
template struct reveal<&engine::stream::impl_>;

/// True between the fragments of a message.
inline bool expects_continuation(const engine::stream& s) noexcept {
  return (s.*member_of(implementation{}))->rd_cont;
}

/// For a text message that Beast has just completed: false if its last character is cut off.
inline bool finish_utf8(engine::stream& s) noexcept {
  return (s.*member_of(implementation{}))->rd_utf8.finish();
}

} // namespace argosy::net::beast_boundary
