// batch_codec: what one link hands to its transport at a time: envelopes, and the credit for those
// of the other side.
#pragma once

#include "runtime/cluster/outbox.hpp"
#include "runtime/wire/node/node_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::wire {

inline constexpr std::size_t batch_bytes_max = 8 << 20;
inline constexpr std::size_t batch_envelopes_max = 65'536;

struct batch_head {
  std::uint64_t link_epoch = 0;
  std::uint64_t sequence = 0;         ///< from 1 in each link epoch
  std::uint64_t handled_bytes = 0;    ///< of the other side's envelopes, in this link epoch
  std::uint64_t handled_sequence = 0; ///< the other side's last batch of which that is true

  friend bool operator==(const batch_head&, const batch_head&) = default;
};

/// One allocation, one copy of each envelope.
[[nodiscard]] std::string encode_batch(const batch_head& head,
                                       std::span<const cluster::shared_bytes> envelopes);
[[nodiscard]] std::string encode_batch(const batch_head& head,
                                       std::span<const cluster::outbox::envelope> envelopes);

struct batch_view {
  batch_head head;
  std::vector<std::string_view> envelopes; ///< they lie in the bytes that were decoded
};

/// Reads a batch, but not its envelopes. envelope_flaw::none, layout or too_large; after a flaw the
/// link is to be cut, and `out` says nothing.
[[nodiscard]] envelope_flaw decode_batch(std::string_view bytes, batch_view& out);

} // namespace argosy::wire
