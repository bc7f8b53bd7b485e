// named_files: whether the files that a configuration names can be used, before a node stands on
// them. Called by `--check-config` and, for the secret, by the start of a cluster's node.
#pragma once

#include "runtime/config/node_config.hpp"

#include <string>
#include <vector>

namespace argosy {

/// What a file held, or a sentence that names key, value and remedy.
struct cluster_secret {
  std::string bytes;
  std::string problem;
};

/// Line ends and blanks at its end are an editor's.
cluster_secret read_cluster_secret(const std::string& path);

/// Reads keys, certificates and secrets as a start would, and nothing else: no port is opened and
/// no URL asked. A sentence for each that cannot be used; empty = all is well.
std::vector<std::string> problems_of_files(const node_config& config);

} // namespace argosy
