// shell_answer: what a command of the admin shell is answered with: tables of text, the nodes that
// were silent, and remarks.
//
// On the socket it is one line of JSON, `{"nodes":[{…}],"silent":[],"notes":[]}`: each table by
// its name, each row an object with all columns. The client prints that line for scripts, or lays
// it out for people. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy {

struct shell_column {
  std::string name;
  bool number = false; ///< a cell that is one goes out as a JSON number
};

struct shell_table {
  std::string name;
  std::vector<shell_column> columns;
  std::vector<std::vector<std::string>> rows;
};

struct shell_answer {
  std::vector<shell_table> tables;
  std::vector<std::string> silent; ///< nodes that did not answer in time
  std::vector<std::string> notes;
};

/// One line, without its end.
std::string to_json(const shell_answer& answer);

/// `{"error":"…"}`.
std::string shell_error(std::string_view sentence);

/// The line laid out for people, and whether it was an error.
struct shell_text {
  std::string text;
  bool error = false;
};
shell_text lay_out(std::string_view json);

} // namespace argosy
