// key: one row of the table that drives the configuration.
//
// A row says how a key is called, where its value lives, what it means and which values it takes.
// Reading, checking, suggesting and printing all walk the same rows, so that they cannot drift
// apart. The default is not in the row: it is what a fresh struct holds.
#pragma once

#include "runtime/config/node_config.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace argosy::config {

/// Where a value lives; the alternative is its type. Milliseconds are whole numbers in the file.
using field = std::variant<bool*, std::uint16_t*, std::uint32_t*, milliseconds*, std::string*,
                           std::vector<std::string>*>;

/// The values a key takes. Numbers: `min` to `max`. Strings: one of `choices` (separated by `|`),
/// or any when there are none.
struct domain {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::uint32_t>::max();
  std::string_view choices = {};
  bool secret = false; ///< never printed
};

constexpr domain any() {
  return {};
}
constexpr domain between(std::int64_t min, std::int64_t max) {
  return {.min = min, .max = max};
}
constexpr domain one_of(std::string_view choices) {
  return {.choices = choices};
}
constexpr domain secret() {
  return {.secret = true};
}

template <class Owner>
struct key {
  std::string_view name; ///< `net.loops`; in a namespace just `presence`
  field (*slot)(Owner&);
  std::string_view unit; ///< "ms", "bytes", ... or ""
  domain takes;
  std::string_view meaning; ///< for people: what it does, and which way the trade goes
};

/// A table of the file and the sentence that opens it.
struct section {
  std::string_view name;
  std::string_view about;
};

/// In the order in which they are printed; keys of a section stand together.
std::span<const section> sections() noexcept;
std::span<const key<node_config>> node_keys() noexcept;

/// The keys of `[channel]` and of each `[[namespace]]` (which has `name` besides).
std::span<const key<channel_options>> channel_keys() noexcept;

/// `net` of `net.loops`.
constexpr std::string_view section_of(std::string_view name) noexcept {
  return name.substr(0, name.find('.'));
}
/// `loops` of `net.loops`.
constexpr std::string_view leaf_of(std::string_view name) noexcept {
  return name.substr(name.find('.') + 1);
}

} // namespace argosy::config
