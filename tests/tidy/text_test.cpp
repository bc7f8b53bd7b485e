// text: what a file may look like. What is banned comes with what to write instead.
#include "tests/tidy/source_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using argosy::tidy::at;
using argosy::tidy::source_file;
using argosy::tidy::source_tree;

namespace {

constexpr std::size_t columns_max = 100;
constexpr std::size_t lines_max = 400;

/// Files that were longer than `lines_max` when the rule came. A ratchet: they may shrink, never
/// grow; who brings one under the limit takes it off this list.
const std::map<std::string_view, std::size_t> long_files{};

struct ban {
  std::string_view word;   ///< whole words only
  std::string_view folder; ///< "" = everywhere
  std::string_view instead;
};

const std::vector<ban> bans{
    {"sleep_for", "tests", "poll a condition with one deadline, or move virtual time"},
    {"sleep_until", "tests", "poll a condition with one deadline, or move virtual time"},
    {"usleep", "tests", "poll a condition with one deadline, or move virtual time"},
    {"nanosleep", "tests", "poll a condition with one deadline, or move virtual time"},
    {"caf::infinite", "", "every request carries a timeout"},
    {"FIXME", "", "mend it or open an issue"},
    {"TODO", "", "do it or open an issue"},
    {"XXX", "", "say what is odd in a sentence"},
};

bool word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool has_word(std::string_view line, std::string_view word) {
  for (auto from = line.find(word); from != std::string_view::npos;
       from = line.find(word, from + 1)) {
    const auto end = from + word.size();
    if ((from == 0 || !word_char(line[from - 1])) && (end == line.size() || !word_char(line[end])))
      return true;
  }
  return false;
}

/// Code points, which is what an editor counts for the letters that we use.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

template <class Visit>
void for_each_line(Visit&& visit) {
  for (const auto& file : source_tree())
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      visit(file, i + 1, file.lines[i]);
}

} // namespace

TEST_CASE("tidy: the tree is where the tests look for it") {
  CHECK(source_tree().size() > 200);
}

TEST_CASE("tidy: lines fit 100 columns, but for raw string literals") {
  for_each_line([](const source_file& file, std::size_t number, const auto& line) {
    if (!line.raw_string && columns(line.text) > columns_max)
      FAIL_CHECK(at(file, number, std::to_string(columns(line.text)) + " columns"));
  });
}

TEST_CASE("tidy: the ruler above a section is one line") {
  for (const auto& file : source_tree())
    for (std::size_t i = 1; i < file.lines.size(); ++i)
      if (file.lines[i].text.starts_with("// -----")
          && file.lines[i - 1].text.starts_with("// -- "))
        FAIL_CHECK(at(file, i + 1, "a ruler broken in two"));
}

TEST_CASE("tidy: no tabs, no blanks at the end of a line") {
  for_each_line([](const source_file& file, std::size_t number, const auto& line) {
    if (line.text.find('\t') != std::string::npos)
      FAIL_CHECK(at(file, number, "a tab"));
    if (!line.raw_string && line.text.ends_with(' '))
      FAIL_CHECK(at(file, number, "ends in a blank"));
  });
}

TEST_CASE("tidy: what is banned is not used") {
  for_each_line([](const source_file& file, std::size_t number, const auto& line) {
    for (const auto& b : bans)
      if (!file.under("tests/tidy") && (b.folder.empty() || file.under(b.folder))
          && has_word(line.text, b.word))
        FAIL_CHECK(at(file, number, std::string{b.word} + ": " + std::string{b.instead}));
  });
}

TEST_CASE("tidy: a header has #pragma once, and opens no namespace for those who include it") {
  for (const auto& file : source_tree()) {
    if (!file.header())
      continue;
    CHECK_MESSAGE(std::count_if(file.lines.begin(), file.lines.end(),
                                [](const auto& line) { return line.text == "#pragma once"; })
                      == 1,
                  file.path);
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      if (file.lines[i].text.starts_with("using namespace"))
        FAIL_CHECK(at(file, i + 1, "`using namespace` above function scope"));
  }
}

TEST_CASE("tidy: a header opens with what it is") {
  for (const auto& file : source_tree())
    if (file.header())
      CHECK_MESSAGE((!file.lines.empty() && file.lines[0].text.starts_with("//")), file.path);
}

TEST_CASE("tidy: no file past 400 lines, and the long ones do not grow") {
  for (const auto& file : source_tree()) {
    const auto known = long_files.find(file.path);
    if (known == long_files.end())
      CHECK_MESSAGE(file.lines.size() <= lines_max, file.path);
    else {
      CHECK_MESSAGE(file.lines.size() <= known->second, file.path << " has grown");
      CHECK_MESSAGE(file.lines.size() > lines_max, file.path << " is short now: off the list");
    }
  }
}
