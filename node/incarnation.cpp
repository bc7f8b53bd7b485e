#include "node/incarnation.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace argosy {

namespace {

constexpr const char* file = "incarnation";
constexpr const char* beside = "incarnation.new";

std::uint64_t microseconds_now() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

} // namespace

incarnation next_incarnation(consensus::disk& on) {
  auto last = on.read(file);
  if (!last.problem.empty())
    return {0, last.problem};
  std::uint64_t before = 0;
  if (last.bytes) {
    const auto* end = last.bytes->data() + last.bytes->size();
    if (const auto read = std::from_chars(last.bytes->data(), end, before);
        read.ec != std::errc{} || read.ptr != end)
      return {0, on.path(file)
                     + " does not hold a number; remove it if the clock of this machine is right"};
  }
  const auto number = std::max(microseconds_now(), before + 1);
  for (auto problem : {on.write(beside, std::to_string(number)), on.sync(beside),
                       on.rename(beside, file), on.sync_directory()})
    if (!problem.empty())
      return {0, std::move(problem)};
  return {number, {}};
}

} // namespace argosy
