// scenario: one seed, run from its founding to the judge.
#pragma once

#include "tests/checker/verdict.hpp"
#include "tests/sim/scenario_plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace argosy::sim {

struct run_report {
  checker::verdict verdict;
  std::vector<std::string> complaints; ///< promises of the fleet itself that were broken
  std::vector<std::string> trace;
  std::uint64_t hash = 0; ///< of the trace

  bool holds() const noexcept { return complaints.empty() && verdict.holds(); }
  /// What was broken, one sentence a line.
  std::string complaint() const;
};

run_report run_scenario(const scenario_plan& plan);

} // namespace argosy::sim
