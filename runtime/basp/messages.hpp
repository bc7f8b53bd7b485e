// messages: what docks and berths tell each other, on this node and across.
//
// The conversation over a fresh stream, d = dialling side:
//
//   d dock   -> dock      hello(token, berth of d)      the token says which stream is meant
//   berth    -> d berth   welcome(berth)
//   berth   <-> berth     peer_batch ...
#pragma once

#include "runtime/cluster/link_lane.hpp"
#include "runtime/peer_streams.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/deserializer.hpp>
#include <caf/io/scribe.hpp>
#include <caf/serializer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace argosy::basp {

using hello_atom = caf::atom_constant<caf::atom("hello")>;
using welcome_atom = caf::atom_constant<caf::atom("welcome")>;
using overdue_atom = caf::atom_constant<caf::atom("overdue")>;

/// The number of the dock. BASP knows published actors by port; no socket has this one.
inline constexpr std::uint16_t dock_port = 1;

/// The longest batch. The edge refuses what announces more before it is allocated.
inline constexpr std::size_t batch_bytes_max = 8U << 20U;

/// Written and read in one piece, without a copy beside the one into or out of BASP's buffer.
struct peer_batch {
  cluster::shared_bytes bytes;
};

inline caf::error inspect(caf::serializer& f, const peer_batch& x) {
  static const std::string nothing;
  return f(const_cast<std::string&>(x.bytes ? *x.bytes : nothing)); // CAF asks for non-const
}

inline caf::error inspect(caf::deserializer& f, peer_batch& x) {
  std::string bytes;
  auto fault = f(bytes);
  x.bytes = std::make_shared<const std::string>(std::move(bytes));
  return fault;
}

// on this node only

struct stream_opened {
  cluster::peer_stream stream;
  caf::io::scribe_ptr scribe; ///< BASP's grip on the stream's socket
};
struct stream_ended {
  cluster::peer_connection connection = 0;
  bool refused = false;
  std::string why;
};

} // namespace argosy::basp

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::basp::stream_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::basp::stream_ended)
