// value: what a file or a command line says, before it is known whether it fits its key.
#pragma once

#include "runtime/config/key.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace argosy::config {

/// A value of a type that no key takes (a date, a table, a mixed list) as its text.
struct unfit {
  std::string text;
};

using value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, unfit>;

/// Puts `v` into `to`. Returns "" or the complaint that follows the key's name in a sentence: "is
/// 70000, but must be a whole number from 0 to 65535". `to` is unchanged then. Secrets are not
/// quoted.
[[nodiscard]] std::string assign(const field& to, const domain& takes, const value& v);

/// As a TOML value: `"auto"`, `8000`, `["a", "b"]`.
std::string to_toml(const value& v);
/// The present value of a field.
value read(const field& from);

/// What a key takes: "a whole number from 0 to 3600000".
std::string describe(const field& f, const domain& takes);

} // namespace argosy::config
