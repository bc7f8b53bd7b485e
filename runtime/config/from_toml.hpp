// from_toml: the one place where TOML nodes become our values.
#pragma once

#include "runtime/config/value.hpp"

#include <toml++/toml.h>

#include <string_view>

namespace argosy::config {

/// Any node; what no key takes becomes `unfit` with its TOML text.
value from_toml(const toml::node& node);

/// What stands right of `=` on a command line, for a key of the type of `to`.
value from_override(std::string_view text, const field& to);

} // namespace argosy::config
