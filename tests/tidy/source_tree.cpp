#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

namespace argosy::tidy {

namespace {

namespace fs = std::filesystem;

constexpr std::array roots{"runtime", "net",   "actors",   "node",
                           "clients", "bench", "examples", "tests"};

std::optional<include_line> include_of(std::string_view text, std::size_t line) {
  const auto hash = text.find_first_not_of(" \t");
  if (hash == std::string_view::npos || text[hash] != '#')
    return std::nullopt;
  const auto word = text.find_first_not_of(" \t", hash + 1);
  if (word == std::string_view::npos || !text.substr(word).starts_with("include"))
    return std::nullopt;
  const auto open = text.find_first_of("<\"", word);
  if (open == std::string_view::npos)
    return std::nullopt;
  const bool quoted = text[open] == '"';
  const auto close = text.find(quoted ? '"' : '>', open + 1);
  return include_line{std::string{text.substr(open + 1, close - open - 1)}, quoted, line};
}

/// Follows raw string literals over lines; knows just enough C++ for that.
class raw_strings {
public:
  bool touches(std::string_view line) {
    bool touched = !end_.empty();
    for (std::size_t from = 0;;) {
      if (end_.empty()) {
        const auto open = line.find("R\"", from);
        const auto paren = open == std::string_view::npos ? open : line.find('(', open);
        if (paren == std::string_view::npos || paren - open > delimiter_max + 2)
          return touched;
        end_ = ")" + std::string{line.substr(open + 2, paren - open - 2)} + "\"";
        from = paren + 1;
        touched = true;
      }
      const auto close = line.find(end_, from);
      if (close == std::string_view::npos)
        return touched;
      from = close + end_.size();
      end_.clear();
    }
  }

private:
  static constexpr std::size_t delimiter_max = 16; // [lex.string]

  std::string end_; ///< what ends the literal we are in, or ""
};

source_file read_file(const fs::path& from, std::string path) {
  source_file file;
  file.path = std::move(path);
  std::ifstream in{from};
  raw_strings raw;
  for (std::string text; std::getline(in, text);) {
    const bool touched = raw.touches(text);
    if (!touched)
      if (auto found = include_of(text, file.lines.size() + 1))
        file.includes.push_back(std::move(*found));
    file.lines.push_back({std::move(text), touched});
  }
  return file;
}

std::vector<source_file> read_tree(const fs::path& root) {
  std::vector<source_file> files;
  for (const auto* name : roots) {
    auto walk = fs::recursive_directory_iterator{root / name};
    for (auto it = begin(walk); it != end(walk); ++it) {
      if (it->is_directory() && it->path().filename() == "node_modules")
        it.disable_recursion_pending();
      const auto extension = it->path().extension();
      if (extension == ".hpp" || extension == ".cpp" || extension == ".h")
        files.push_back(
            read_file(it->path(), it->path().lexically_relative(root).generic_string()));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

} // namespace

const std::vector<source_file>& source_tree() {
  static const auto files = read_tree(ARGOSY_SOURCE_DIR);
  return files;
}

const source_file* find_file(std::string_view path) {
  const auto& files = source_tree();
  const auto found = std::lower_bound(
      files.begin(), files.end(), path,
      [](const source_file& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

std::string at(const source_file& file, std::size_t line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string{what};
}

} // namespace argosy::tidy
