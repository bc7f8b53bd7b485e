// visitor: how people of a chaos run come to a node, and what they say: numbers.
#pragma once

#include "bench/chaos/ledger.hpp"
#include "clients/cpp/client.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace argosy::bench::chaos {

/// A client of the node at `port`, with a token of its own. A call is given up after 2 s.
client::options visitor(std::uint16_t port, const std::string& user);

/// The number that a publication begins with; 0 if it does not.
word word_in(std::string_view data);

} // namespace argosy::bench::chaos
