// suggest: "did you mean ...?" for a name that nobody knows.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace argosy::config {

/// The name nearest to `typo`, by the fewest single-character edits and swaps of neighbours
/// (optimal string alignment), or "" when none is near: more than a third of it would have to
/// change.
std::string_view nearest(std::string_view typo, std::span<const std::string_view> names);

} // namespace argosy::config
