#include "runtime/wire/node/batch_codec.hpp"

#include "runtime/wire/message_reader.hpp"
#include "runtime/wire/message_writer.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstring>
#include <schemas/cluster.capnp.h>

namespace argosy::wire {

namespace {

const std::string& bytes_of(const cluster::shared_bytes& envelope) {
  return *envelope;
}
const std::string& bytes_of(const cluster::outbox::envelope& envelope) {
  return *envelope.bytes;
}

constexpr std::size_t words_for(std::size_t bytes) {
  return (bytes + sizeof(capnp::word) - 1) / sizeof(capnp::word);
}

/// A batch is the one message whose length is known before it is built, and the one that is mostly
/// other people's bytes: so it is built in place, where each envelope is copied once.
template <class Envelope>
std::string encode(const batch_head& head, std::span<const Envelope> envelopes) {
  constexpr std::size_t fixed_words = 1 + 4 + 1; // the root pointer; data and pointers of a Batch
  std::size_t words = fixed_words + envelopes.size();
  for (const auto& e : envelopes)
    words += words_for(bytes_of(e).size());
  std::string out((1 + words) * sizeof(capnp::word), '\0');

  const auto table = static_cast<std::uint64_t>(words) << 32; // one segment, so long
  for (unsigned i = 0; i < sizeof table; ++i)
    out[i] = static_cast<char>(table >> 8 * i);
  capnp::FlatMessageBuilder message{{reinterpret_cast<capnp::word*>(out.data()) + 1, words}};
  auto batch = message.initRoot<node::Batch>();
  batch.setLinkEpoch(head.link_epoch);
  batch.setSequence(head.sequence);
  batch.setHandledBytes(head.handled_bytes);
  batch.setHandledSequence(head.handled_sequence);
  auto list = batch.initEnvelopes(static_cast<unsigned>(envelopes.size()));
  for (unsigned i = 0; i < list.size(); ++i)
    list.set(i, data_of(bytes_of(envelopes[i])));
  message.requireFilled();
  return out;
}

} // namespace

std::string encode_batch(const batch_head& head, std::span<const cluster::shared_bytes> envelopes) {
  return encode(head, envelopes);
}

std::string encode_batch(const batch_head& head,
                         std::span<const cluster::outbox::envelope> envelopes) {
  return encode(head, envelopes);
}

envelope_flaw decode_batch(std::string_view bytes, batch_view& out) {
  if (bytes.size() > batch_bytes_max)
    return envelope_flaw::too_large;
  const message_bytes* opened = message_bytes::borrow(bytes);
  if (opened == nullptr)
    return envelope_flaw::layout;
  auto flaw = envelope_flaw::layout;
  const bool good = within_layout([&] {
    capnp::FlatArrayMessageReader reader{opened->words(), opened->limits()};
    const auto batch = reader.getRoot<node::Batch>();
    out.head = {batch.getLinkEpoch(), batch.getSequence(), batch.getHandledBytes(),
                batch.getHandledSequence()};
    const auto list = batch.getEnvelopes();
    if (list.size() > batch_envelopes_max) {
      flaw = envelope_flaw::too_large;
      return false;
    }
    out.envelopes.clear();
    out.envelopes.reserve(list.size());
    const auto* begin = reinterpret_cast<const kj::byte*>(opened->words().begin());
    for (const auto envelope : list)
      out.envelopes.push_back(
          envelope.size() == 0
              ? std::string_view{}
              : bytes.substr(static_cast<std::size_t>(envelope.begin() - begin), envelope.size()));
    return true;
  });
  return good ? envelope_flaw::none : flaw;
}

} // namespace argosy::wire
