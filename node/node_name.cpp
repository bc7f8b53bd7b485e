#include "node/node_name.hpp"

#include <unistd.h>

namespace argosy {

std::string node_name(const node_config& config) {
  if (!config.node.name.empty())
    return config.node.name;
  char host[256] = {};
  return ::gethostname(host, sizeof host - 1) == 0 ? host : "argosy";
}

std::string path_of_node(std::string path, const std::string& name) {
  for (auto at = path.find("%n"); at != std::string::npos; at = path.find("%n", at + name.size()))
    path.replace(at, 2, name);
  return path;
}

} // namespace argosy
