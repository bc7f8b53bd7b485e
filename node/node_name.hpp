// node_name: what a node is called, and paths that name it.
#pragma once

#include "runtime/config/node_config.hpp"

#include <string>

namespace argosy {

/// `node.name`, or the host's.
std::string node_name(const node_config& config);

/// `path` with the name of the node in the place of each `%n`.
std::string path_of_node(std::string path, const std::string& name);

} // namespace argosy
