#include "tests/sim/run_log.hpp"

namespace argosy::sim {

void run_log::note(std::string line) {
  line = std::to_string(now_.count()) + " " + line;
  for (const unsigned char c : line)
    hash_ = (hash_ ^ c) * 1099511628211ULL;
  trace_.push_back(std::move(line));
}

void run_log::complain(const std::string& sentence) {
  if (said_.insert(sentence).second) {
    complaints_.push_back(sentence);
    note("BROKEN: " + sentence);
  }
}

} // namespace argosy::sim
