// backoff: how long to wait before the next attempt, so that a fleet of clients does not come back
// as one.
//
// Full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS 2015): uniform between nothing
// and an exponentially growing cap. Pure: randomness is an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace argosy::client {

struct backoff {
  std::chrono::milliseconds base{500};
  std::chrono::milliseconds cap{20'000};

  /// The longest wait before attempt number `attempt` (0 = the first one after a failure).
  std::chrono::milliseconds longest(std::uint32_t attempt) const noexcept {
    const auto grown = base * (std::int64_t{1} << std::min<std::uint32_t>(attempt, 20));
    return std::min<std::chrono::milliseconds>(grown, cap);
  }

  /// The wait itself. `random` is uniform over all of its values.
  std::chrono::milliseconds wait(std::uint32_t attempt, std::uint32_t random) const noexcept {
    const auto range = static_cast<std::uint64_t>(longest(attempt).count()) + 1;
    return std::chrono::milliseconds{static_cast<std::int64_t>(range * random >> 32)};
  }
};

} // namespace argosy::client
