// envelopes: how the tests of the node codec send a message, and what they make by hand.
#pragma once

#include "runtime/wire/message_writer.hpp"
#include "runtime/wire/node/node_codec.hpp"
#include "tests/unit/wire/any_message.hpp"

#include <schemas/cluster.capnp.h>
#include <string>
#include <type_traits>
#include <variant>

namespace argosy::testing {

/// True for what goes to an address.
template <class Message>
inline constexpr bool is_addressed =
    std::is_constructible_v<
        wire::borrowed<routed_message>,
        const Message*> || std::is_constructible_v<wire::borrowed<replica_message>, const Message*>;

/// The message with a head that suits it.
template <class Message>
node_envelope enveloped(any_message& any, Message message) {
  node_envelope e;
  e.view_no = any.make<std::uint64_t>();
  e.question = any.make<std::uint32_t>();
  if constexpr (is_addressed<Message>)
    e.to = any.any_address();
  if constexpr (std::is_constructible_v<wire::borrowed<routed_message>, const Message*>)
    e.what.emplace<routed_message>(std::move(message));
  else if constexpr (std::is_constructible_v<wire::borrowed<node_answer>, const Message*>)
    e.what.emplace<node_answer>(std::move(message));
  else if constexpr (std::is_constructible_v<wire::borrowed<replica_message>, const Message*>)
    e.what.emplace<replica_message>(std::move(message));
  else
    e.what.emplace<peer_message>(std::move(message));
  return e;
}

inline std::string encoded(const node_envelope& e) {
  return *wire::encode(e.view_no, e.to, e.question, e.what, some_time);
}

inline wire::envelope_flaw flaw_of(std::string_view bytes) {
  node_envelope out;
  return wire::decode(bytes, out, some_time);
}

/// An envelope that no encoder of ours would write.
template <class Fill>
std::string envelope_by_hand(Fill&& fill) {
  std::string bytes;
  wire::append_message<wire::node::Envelope>(bytes, fill);
  return bytes;
}

} // namespace argosy::testing
