// admin_path: where a node's admin socket is when nobody says so, the same for node and shell.
//
// `$XDG_RUNTIME_DIR/argosy-NAME.sock`; without that, `/run/argosy/NAME.sock` for root and
// `/tmp/argosy-UID/NAME.sock` for others.
#pragma once

#include "runtime/config/node_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace argosy {

/// What `admin.socket` says: the path with the node's name in it, or the default; "" where it is
/// "off".
std::string admin_path_of(const node_config& config);

std::string default_admin_path(std::string_view node_name);

/// Makes the directory of that path, for its owner alone. "" or one sentence.
[[nodiscard]] std::string make_admin_directory(const std::string& path);

/// The sockets where `default_admin_path` puts them, in the order of their names.
std::vector<std::string> known_admin_paths();

} // namespace argosy
