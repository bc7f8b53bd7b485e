// shell_terminal: a person at a terminal: line editing, history and completion by libedit.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace argosy {

struct terminal_settings {
  std::string prompt;
  std::string history_file; ///< "" = the history ends with the session
  /// The words that may stand at the end of a line.
  std::function<std::vector<std::string>(const std::string& line)> complete;
  /// One line; false = the session is over.
  std::function<bool(const std::string& line)> run;
};

/// Until the end of input, or until `run` says so.
void run_terminal(const terminal_settings& settings);

} // namespace argosy
