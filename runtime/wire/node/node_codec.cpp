#include "runtime/wire/node/node_codec.hpp"

#include "runtime/wire/message_reader.hpp"
#include "runtime/wire/node/node_encode.hpp"

#include <capnp/serialize.h>

#include <array>

namespace argosy::wire {

namespace {

using message = decltype(node_envelope::what);

/// Nothing is read here if the message is not of the group.
template <class Group>
bool read_as(node::Envelope::Reader in, reading& r, message& out) {
  return read(in, r, out.emplace<Group>());
}

bool read_message(node::Envelope::Reader in, reading& r, message& out) {
  for (const auto group : {read_as<replica_message>, read_as<routed_message>, read_as<node_answer>,
                           read_as<peer_message>}) {
    r.flaw = envelope_flaw::value;
    if (group(in, r, out))
      return true;
    if (r.flaw != envelope_flaw::unknown)
      return false;
  }
  return false;
}

bool address_fits(const message& what, bool there_is_one) {
  const auto* routed = std::get_if<routed_message>(&what);
  if (routed != nullptr && std::holds_alternative<describe>(*routed))
    return true; // an actor, or the node itself
  return there_is_one == (routed != nullptr || std::holds_alternative<replica_message>(what));
}

bool read(node::Envelope::Reader in, reading& r, node_envelope& out) {
  out.view_no = in.getViewNo();
  out.question = in.getQuestion();
  out.to = {};
  if (in.hasTo() && !read(in.getTo(), r, out.to))
    return false;
  if (!read_message(in, r, out.what))
    return false;
  return address_fits(out.what, static_cast<bool>(out.to)) || r.refuse(envelope_flaw::value);
}

} // namespace

std::string_view to_string(envelope_flaw flaw) noexcept {
  constexpr std::array<std::string_view, envelope_flaw_count> names{"none", "layout", "too_large",
                                                                    "unknown", "value"};
  return names[static_cast<std::size_t>(flaw)];
}

envelope_flaw decode(std::string_view bytes, node_envelope& out, clock_time now) {
  if (bytes.size() > envelope_bytes_max)
    return envelope_flaw::too_large;
  const message_bytes* opened = message_bytes::borrow(bytes);
  if (opened == nullptr)
    return envelope_flaw::layout;
  auto flaw = envelope_flaw::layout;
  const bool good = within_layout([&] {
    capnp::FlatArrayMessageReader reader{opened->words(), opened->limits()};
    reading r{now};
    if (read(reader.getRoot<node::Envelope>(), r, out))
      return true;
    flaw = r.flaw;
    return false;
  });
  return good ? envelope_flaw::none : flaw;
}

} // namespace argosy::wire
