// shell_syntax: the commands of the admin shell, and a line of text read as one of them.
//
// Picture the phrase book that both sides of a counter have: the client reads lines, completes
// words and prints help by it, the node checks by it what it was sent. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace argosy {

/// What completes the value of an argument.
enum class shell_word : std::uint8_t { text, number, kind, node };

struct shell_argument {
  std::string_view name; ///< `kind`, or `--top` of an option
  shell_word takes = shell_word::text;
  bool required = false;

  bool option() const noexcept { return name.starts_with("--"); }
  /// Its name in a request: without the dashes.
  std::string_view key() const noexcept { return option() ? name.substr(2) : name; }
};

struct shell_command {
  std::string_view name;
  std::span<const shell_argument> arguments;
  std::string_view meaning;
};

/// In the order of `help`.
std::span<const shell_command> shell_commands() noexcept;
const shell_command* find_command(std::string_view name) noexcept;

/// `actors KIND [--top N]`.
std::string usage_of(const shell_command& command);

struct shell_request {
  std::string command;
  std::map<std::string, std::string, std::less<>> arguments;

  std::string_view argument(std::string_view key) const {
    const auto found = arguments.find(key);
    return found == arguments.end() ? std::string_view{} : found->second;
  }
};

/// Reads a line: words are split at blanks; quotes ("…" or '…') and a backslash keep them. A
/// sentence says what is wrong with it.
std::variant<shell_request, std::string> read_command_line(std::string_view line);

/// What is wrong with a request, in one sentence; "" if nothing. Whoever sends one is not trusted.
std::string flaw_of(const shell_request& request);

/// The words that may stand where the cursor is, at the end of `line`; each in full. `nodes` are
/// the names of the fleet.
std::vector<std::string> completions(std::string_view line, const std::vector<std::string>& nodes);

/// What `help` and `help COMMAND` print.
std::string help_text();
std::string help_text(const shell_command& command);

} // namespace argosy
