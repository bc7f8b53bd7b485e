// machine: what this machine lets a node do, as a list of findings; read-only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace argosy {

enum class health : std::uint8_t {
  good,
  low,    ///< works, but bounds a fleet's node
  absent, ///< a kernel feature that we can do without, at a price
};

struct finding {
  std::string name;   ///< "nofile soft"
  std::string value;  ///< as the kernel says it
  std::string limits; ///< what it bounds, in words
  std::string remedy; ///< the command that raises it; "" = none needed
  health state = health::good;
};

/// Looks at everything; takes a few milliseconds, changes nothing.
std::vector<finding> examine_machine();

std::string to_text(const std::vector<finding>& findings);
std::string to_json(const std::vector<finding>& findings);

} // namespace argosy
