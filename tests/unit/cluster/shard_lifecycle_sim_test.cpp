// shard_lifecycle: several nodes, one shard, and everything that may happen to a cluster.
#include "tests/unit/cluster/shard_fleet.hpp"

#include <doctest/doctest.h>

#include <string>

using argosy::testing::fleet_faults;
using argosy::testing::shard_fleet;

namespace {

struct totals {
  std::size_t appended = 0;
  std::size_t activations = 0;
  std::size_t salvages = 0;
  unsigned exact = 0;
};

totals sail(unsigned seeds, unsigned first, const fleet_faults& faults) {
  totals sum;
  for (unsigned seed = first; seed < first + seeds; ++seed) {
    shard_fleet fleet{seed, 3 + seed % 3, faults};
    const auto check = [&](bool good, const std::string& promise) {
      if (!good)
        FAIL(promise << ", seed " << seed << fleet.trace());
    };
    check(fleet.run(25'000), "two nodes acted at once");
    fleet.quiet();
    check(fleet.run(20'000), "two nodes acted at once, after the faults");
    check(fleet.newest_owner_acts_alone(), "the owner of the newest view is not the one that acts");
    check(fleet.loss_excused() || fleet.nothing_lost(), "something was lost without a crash");
    sum.appended += fleet.appended();
    sum.activations += fleet.activations();
    sum.salvages += fleet.salvages();
    sum.exact += fleet.nothing_lost() ? 1 : 0;
  }
  return sum;
}

} // namespace

TEST_CASE("shard_lifecycle: planned moves lose nothing and need no salvage") {
  const auto sum = sail(100, 1, {});
  CHECK(sum.exact == 100);
  CHECK(sum.activations > 100 * 5);
  CHECK(sum.salvages == 0);
}

TEST_CASE("shard_lifecycle: planned moves lose nothing while ownership bounces faster than news") {
  fleet_faults f;
  f.delay_ms_max = 300;
  f.change_every_ms = 250;
  const auto sum = sail(100, 1000, f);
  CHECK(sum.exact == 100);
  CHECK(sum.activations > 100 * 2);
}

TEST_CASE("shard_lifecycle: views that a node never heard of cost a salvage at most") {
  fleet_faults f;
  f.delay_ms_max = 300;
  f.change_every_ms = 200;
  f.views_missed_percent = 50;
  const auto sum = sail(100, 2000, f);
  CHECK(sum.exact >= 98);
  CHECK(sum.salvages > 0);
}

TEST_CASE("shard_lifecycle: lost messages are asked for again") {
  fleet_faults f;
  f.loss_percent = 15;
  f.views_missed_percent = 10;
  const auto sum = sail(100, 3000, f);
  CHECK(sum.exact >= 90);
}

TEST_CASE("shard_lifecycle: one node at most acts through crashes, cuts and false deaths") {
  fleet_faults f;
  f.loss_percent = 5;
  f.views_missed_percent = 20;
  f.change_every_ms = 700;
  f.crashes = true;
  f.cuts = true;
  const auto sum = sail(200, 4000, f);
  CHECK(sum.salvages > 100);
}
