// recorder: a command_sink that writes each command down as one line of text, so that a table can
// say what a message means. Views are copied while they are alive.
#pragma once

#include "runtime/protocol/dialect.hpp"

#include <string>
#include <vector>

namespace argosy::test {

/// `name{member=value …}` with the members that are set, `#id` in front.
std::string describe(const command& c);

class recorder final : public command_sink {
public:
  bool on_command(const command& c) override {
    seen.push_back(describe(c));
    return stop_after == 0 || seen.size() < stop_after;
  }

  std::vector<std::string> seen;
  std::size_t stop_after = 0; ///< 0 = take them all
};

} // namespace argosy::test
