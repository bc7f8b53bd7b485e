// facts: how a description is read by whoever asked for it.
#pragma once

#include "runtime/messages/describe.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace argosy {

/// "" if the description has no such fact.
inline std::string_view fact(const description& d, std::string_view key) noexcept {
  for (const auto& [name, value] : d.facts)
    if (name == key)
      return value;
  return {};
}

/// A fact that is a count; 0 if it is none.
inline std::uint64_t number(std::string_view text) noexcept {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

} // namespace argosy
