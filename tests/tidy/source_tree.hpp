// source_tree: the C++ files of the repository as the tidy tests read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace argosy::tidy {

struct include_line {
  std::string target; ///< as written, without brackets or quotes
  bool quoted = false;
  std::size_t line = 0; ///< from 1
};

struct source_line {
  std::string text;
  bool raw_string = false; ///< touches a raw string literal, which nobody can break
};

struct source_file {
  std::string path; ///< from the root of the repository, with '/'
  std::vector<source_line> lines;
  std::vector<include_line> includes;

  bool header() const { return path.ends_with(".hpp") || path.ends_with(".h"); }
  bool under(std::string_view folder) const {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  }
};

/// All files of runtime, net, actors, node, clients, bench, examples and tests, sorted by path.
/// Read once.
const std::vector<source_file>& source_tree();

/// The file at `path`, or null.
const source_file* find_file(std::string_view path);

/// "path:line: what", as compilers write it.
std::string at(const source_file& file, std::size_t line, std::string_view what);

} // namespace argosy::tidy
