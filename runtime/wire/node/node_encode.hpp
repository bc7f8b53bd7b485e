// node_encode: the frame around a message: its head, then the message by its own `write`.
//
// The writers and readers of a group are `static`, not in an unnamed namespace, because the
// templates here and in node_parts.hpp find them by their arguments.
#pragma once

#include "runtime/wire/node/node_parts.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace argosy::wire {

/// Picks the `write(Envelope::Builder, message, writing)` of whatever `message` points at.
template <class Borrowed>
cluster::shared_bytes encode_envelope(const envelope_head& head, const Borrowed& message,
                                      clock_time now) {
  std::string bytes;
  append_message<node::Envelope>(bytes, [&](node::Envelope::Builder out) {
    out.setViewNo(head.view_no);
    if (head.to)
      put_text(out.initTo(size_of(head.to.text())), head.to.text());
    out.setQuestion(head.question);
    const writing w{now};
    std::visit([&](const auto* m) { write(out, *m, w); }, message);
  });
  return std::make_shared<const std::string>(std::move(bytes));
}

// One reader per group; envelope_flaw::unknown if the message is none of its own.
bool read(node::Envelope::Reader in, reading& r, routed_message& out);
bool read(node::Envelope::Reader in, reading& r, node_answer& out);
bool read(node::Envelope::Reader in, reading& r, replica_message& out);
bool read(node::Envelope::Reader in, reading& r, peer_message& out);

} // namespace argosy::wire
