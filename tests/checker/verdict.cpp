#include "tests/checker/verdict.hpp"

#include <algorithm>
#include <array>

namespace argosy::checker {

std::string_view name_of(promise p) noexcept {
  static constexpr std::array<std::string_view, 7> names{
      "P1 order",  "P2 publisher order", "P3 ack",      "P4 at least once",
      "P5 dedupe", "P6 no phantoms",     "P7 isolation"};
  return names[static_cast<std::size_t>(p)];
}

spread spread_of(std::vector<moment> times) {
  if (times.empty())
    return {};
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t percent) {
    return times[std::min(times.size() - 1, times.size() * percent / 100)];
  };
  return {times.size(), at(50), at(99), times.back()};
}

std::string verdict::complaint(std::size_t most) const {
  std::string out;
  for (std::size_t i = 0; i < violations.size() && i < most; ++i)
    out += std::string{name_of(violations[i].broken)} + ": " + violations[i].sentence + "\n";
  if (violations.size() > most)
    out += "and " + std::to_string(violations.size() - most) + " more\n";
  return out;
}

std::string verdict::summary() const {
  const auto& m = measured;
  const auto times = [](std::string_view what, const spread& s) {
    return ", " + std::string{what} + " p50/p99/max " + std::to_string(s.p50.count()) + "/"
           + std::to_string(s.p99.count()) + "/" + std::to_string(s.max.count()) + " ms";
  };
  const auto count = [](std::string_view what, std::size_t n) {
    return std::string{what} + " " + std::to_string(n);
  };
  return count("published", m.published) + ", " + count("acked", m.acked) + ", "
         + count("rejected", m.rejected) + ", " + count("unknown", m.unknown) + ", "
         + count("deliveries", m.deliveries) + ", " + count("acked and lost", m.acked_lost) + ", "
         + count("acked and forgotten", m.acked_forgotten) + ", "
         + count("duplicates", m.duplicates) + ", " + count("gaps announced", m.gaps_announced)
         + ", " + count("epochs", m.epochs) + " of " + count("rooms", m.rooms)
         + times("unavailable", m.unavailable)
         + times("first ack after a fault", m.first_ack_after);
}

} // namespace argosy::checker
