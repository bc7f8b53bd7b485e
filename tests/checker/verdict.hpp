// verdict: what the judge says of a run: which promises were broken, and how well it went.
#pragma once

#include "tests/checker/records.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace argosy::checker {

/// What a room promises to publishers and subscribers.
enum class promise : std::uint8_t {
  order,           ///< P1
  publisher_order, ///< P2
  acknowledged,    ///< P3
  at_least_once,   ///< P4
  dedupe,          ///< P5
  no_phantoms,     ///< P6
  isolation,       ///< P7
};
std::string_view name_of(promise p) noexcept;

struct violation {
  promise broken = promise::order;
  std::string sentence;
};

/// Of a set of times.
struct spread {
  std::size_t count = 0;
  moment p50{};
  moment p99{};
  moment max{};
};
spread spread_of(std::vector<moment> times);

struct figures {
  std::size_t published = 0; ///< publications, each counted once however often it was sent
  std::size_t acked = 0;
  std::size_t rejected = 0;
  std::size_t unknown = 0; ///< never acknowledged, never refused for good
  std::size_t deliveries = 0;
  /// Acknowledged, not in the final log, and no subscriber ever had it.
  std::size_t acked_lost = 0;
  /// Acknowledged and not in the final log, but some subscriber had it.
  std::size_t acked_forgotten = 0;
  std::size_t duplicates = 0; ///< places taken by a publication that has one already
  std::size_t gaps_announced = 0;
  std::size_t epochs = 0; ///< of all rooms together
  std::size_t rooms = 0;
  spread unavailable;     ///< from the first attempt of a publication to its acknowledgement
  spread first_ack_after; ///< from a fault to the first ack of something sent after it, by room
};

struct verdict {
  std::vector<violation> violations;
  figures measured;

  bool holds() const noexcept { return violations.empty(); }
  /// The violations, at most `most` of them, one a line.
  std::string complaint(std::size_t most = 20) const;
  /// The figures in one line.
  std::string summary() const;
};

} // namespace argosy::checker
