// The scenarios themselves: a seed is one run and no other.
#include "tests/sim/scenario.hpp"

#include <doctest/doctest.h>

using namespace argosy::sim;

TEST_CASE("scenario: the same seed gives the same run, to the last line of its trace") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const auto first = run_scenario(plan_of(seed));
    const auto second = run_scenario(plan_of(seed));
    REQUIRE(first.trace.size() == second.trace.size());
    for (std::size_t i = 0; i < first.trace.size(); ++i)
      REQUIRE(first.trace[i] == second.trace[i]);
    CHECK(first.hash == second.hash);
  }
}

TEST_CASE("scenario: two seeds are two runs") {
  CHECK(run_scenario(plan_of(1)).hash != run_scenario(plan_of(2)).hash);
}
