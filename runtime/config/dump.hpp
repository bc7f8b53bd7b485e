// dump: a node_config as a commented TOML file, which reads back as the same configuration.
//
// `argosy node --dump-config` prints this, and configs/node.toml is this text for the defaults.
#pragma once

#include "runtime/config/node_config.hpp"

#include <string>

namespace argosy::config {

/// Every key with its meaning, unit, range and effective value. Secrets that are set are left out:
/// a comment stands in their place.
std::string dump(const node_config& config);

} // namespace argosy::config
