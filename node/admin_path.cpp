#include "node/admin_path.hpp"

#include "node/node_name.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace argosy {

namespace {

namespace fs = std::filesystem;

/// The directory, and what stands before the node's name in it.
struct place {
  std::string directory;
  std::string prefix;
};

place place_of_sockets() {
  if (const char* run = std::getenv("XDG_RUNTIME_DIR"); run != nullptr && *run == '/')
    return {run, "argosy-"};
  if (::geteuid() == 0)
    return {"/run/argosy", ""};
  return {"/tmp/argosy-" + std::to_string(::geteuid()), ""};
}

/// A name is whatever its node was called; a path has no room for all of that.
std::string file_name(std::string_view node_name) {
  std::string out{node_name};
  std::replace_if(
      out.begin(), out.end(),
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.';
      },
      '_');
  return out.substr(0, 64);
}

} // namespace

std::string admin_path_of(const node_config& config) {
  const auto& said = config.admin.socket;
  if (said == "off")
    return {};
  const auto name = node_name(config);
  return said.empty() ? default_admin_path(name) : path_of_node(said, name);
}

std::string default_admin_path(std::string_view node_name) {
  const auto at = place_of_sockets();
  return at.directory + "/" + at.prefix + file_name(node_name) + ".sock";
}

std::string make_admin_directory(const std::string& path) {
  const auto directory = fs::path{path}.parent_path().string();
  if (directory.empty() || ::mkdir(directory.c_str(), 0700) == 0)
    return {};
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0)
    return "the directory \"" + directory + "\" of the admin socket cannot be made: "
           + std::error_code{errno, std::generic_category()}.message()
           + "; set `admin.socket` to a path in another one";
  const bool shared = directory.starts_with("/tmp/argosy-");
  if (shared && (found.st_uid != ::geteuid() || (found.st_mode & 077) != 0))
    return "the directory \"" + directory
           + "\" of the admin socket is not this user's alone; remove it, or set `admin.socket`";
  return {};
}

std::vector<std::string> known_admin_paths() {
  const auto at = place_of_sockets();
  std::vector<std::string> out;
  std::error_code failed;
  for (fs::directory_iterator entry{at.directory, failed}, end; !failed && entry != end;
       entry.increment(failed)) {
    const auto name = entry->path().filename().string();
    if (name.starts_with(at.prefix) && name.ends_with(".sock") && entry->is_socket(failed))
      out.push_back(entry->path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace argosy
