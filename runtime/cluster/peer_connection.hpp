// peer_connection: the number of a connection to another node.
#pragma once

#include <cstdint>

namespace argosy::cluster {

/// Numbered from 1 on in one life of a node, never reused.
using peer_connection = std::uint64_t;

} // namespace argosy::cluster
