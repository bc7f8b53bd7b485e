// check: what no single key can tell, because it takes two of them to be wrong.
#pragma once

#include "runtime/config/node_config.hpp"

#include <string>
#include <vector>

namespace argosy::config {

/// Sentences without a file name, naming keys, values and the remedy; empty = consistent.
std::vector<std::string> check(const node_config& config);

/// What is legal but ought to be said aloud at the start, such as insecure modes.
std::vector<std::string> warnings(const node_config& config);

} // namespace argosy::config
