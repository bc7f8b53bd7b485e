// node_codec: one envelope of schemas/cluster.capnp, written and read.
//
// What is written is shared bytes: a publication is encoded once and goes to as many nodes as are
// interested. What is read is hostile until proved otherwise; afterwards it owns all that it has.
// Pure: handles stay ashore (the receiving link fills them in), and a publication carries its age,
// so that `accepted_at` is an instant of the clock that reads it.
#pragma once

#include "runtime/cluster/link_lane.hpp"
#include "runtime/core/address.hpp"
#include "runtime/node_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

namespace argosy::wire {

inline constexpr std::size_t envelope_bytes_max = 4 << 20;
inline constexpr std::size_t envelope_items_max = 65'536; ///< of each list in it
inline constexpr std::size_t envelope_tenant_max = 64;
inline constexpr std::size_t envelope_key_max = 1024;

/// Why an envelope is refused, by itself; schemas/cluster.capnp has the whole list.
enum class envelope_flaw : std::uint8_t {
  none,
  layout,    ///< not a whole message of the schema
  too_large, ///< it, or a list in it
  unknown,   ///< a message of a later version
  value,     ///< something that it says cannot be
};
inline constexpr std::size_t envelope_flaw_count = 5;

/// "none", "layout", "too_large", "unknown" or "value".
std::string_view to_string(envelope_flaw flaw) noexcept;

/// What an envelope says besides its message.
struct envelope_head {
  std::uint64_t view_no = 0;
  address to;
  std::uint32_t question = 0;
};

/// For a variant of messages, the variant of pointers to them.
template <class Variant>
struct borrowed_from;
template <class... Messages>
struct borrowed_from<std::variant<Messages...>> {
  using type = std::variant<const Messages*...>;
};
template <class Variant>
using borrowed = typename borrowed_from<Variant>::type;

using clock_time = std::chrono::steady_clock::time_point;

cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<routed_message> message,
                                      clock_time now);
cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<node_answer> message,
                                      clock_time now);
cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<replica_message> message,
                                      clock_time now);
cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<peer_message> message,
                                      clock_time now);

/// The bytes of one message of runtime/node_message.hpp; what is not on its list does not compile.
/// Handles are left out, an answer carries its `ticket`. Infos and publications that the message
/// cannot do without are not null.
template <class Message>
[[nodiscard]] cluster::shared_bytes encode(std::uint64_t view_no, const address& to,
                                           std::uint32_t question, const Message& message,
                                           clock_time now) {
  return encode_borrowed({view_no, to, question}, &message, now);
}

/// The same for whatever message `message` holds.
template <class... Messages>
[[nodiscard]] cluster::shared_bytes
encode(std::uint64_t view_no, const address& to, std::uint32_t question,
       const std::variant<Messages...>& message, clock_time now) {
  return std::visit([&](const auto& m) { return encode(view_no, to, question, m, now); }, message);
}

/// Reads one envelope; `out` is to be used only after envelope_flaw::none. Allocates in proportion
/// to `bytes`: sizes and counts are checked first.
[[nodiscard]] envelope_flaw decode(std::string_view bytes, node_envelope& out, clock_time now);

} // namespace argosy::wire
