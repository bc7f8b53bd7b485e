// boot_time: a clock that goes on while the machine is suspended, which steady_clock does not.
//
// For promises to others that end by the clock: a lease. A virtual machine that is saved to disk
// and goes on an hour later must find that its lease is over, though its timers know of nothing.
#pragma once

#include <chrono>
#include <ctime>

namespace argosy {

/// CLOCK_BOOTTIME, clock_gettime(2). Its instants are not those of steady_clock: they differ by all
/// the time that the machine was suspended.
inline std::chrono::steady_clock::time_point boot_time() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::steady_clock::time_point{std::chrono::seconds{t.tv_sec}
                                               + std::chrono::nanoseconds{t.tv_nsec}};
}

} // namespace argosy
