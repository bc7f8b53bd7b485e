// parse_range: address ranges as people write them.
#pragma once

#include "runtime/core/address_range.hpp"

#include <optional>
#include <string_view>

namespace argosy::config {

/// "10.0.0.0/8", "fd00::/8", or one address. Bits behind the prefix do not matter. Nothing if
/// `text` is none of these.
std::optional<address_range> parse_range(std::string_view text);

} // namespace argosy::config
