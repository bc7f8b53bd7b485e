// stamp: the mark that a publication of the load generator carries, and how a receiver finds it.
//
// Picture a postmark. Each payload holds one `~` followed by the hour of posting, 16 hex digits of
// CLOCK_MONOTONIC in nanoseconds; both ends are on one machine, so one clock serves. Counting
// deliveries is counting tildes in front of digits, which works in any framing a server chooses
// (several publications in a frame, one over two reads) and costs next to nothing. The digits are
// looked at because the bytes around a payload are not all text in a binary dialect.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::bench {

constexpr char stamp_mark = '~';
constexpr std::size_t stamp_digits = 16;

inline std::uint64_t monotonic_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U
         + static_cast<std::uint64_t>(now.tv_nsec);
}

/// Publications whose mark lies in `bytes`, which may end in the middle of a stamp.
std::uint64_t count_stamps(std::string_view bytes) noexcept;

/// The time of the first complete stamp in `bytes`.
std::optional<std::uint64_t> find_stamp(std::string_view bytes) noexcept;

/// A JSON object of `size` bytes (at least the 30 that the stamp needs) stamped with `now_ns`.
std::string stamped_payload(std::uint64_t now_ns, std::size_t size);

} // namespace argosy::bench
