// instant: virtual time for the tests of the cores.
#pragma once

#include <chrono>

namespace argosy::testing {

/// `after` past an arbitrary start that is not the clock's epoch.
inline std::chrono::steady_clock::time_point at(std::chrono::nanoseconds after) {
  return std::chrono::steady_clock::time_point{} + std::chrono::hours{1000} + after;
}

} // namespace argosy::testing
