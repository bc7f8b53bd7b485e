// The seeded simulation: voters in bad weather, and after it.
#include "tests/unit/consensus/raft_fleet.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>
#include <string>

using namespace std::chrono_literals;
using namespace argosy::consensus;
using argosy::consensus::test::fleet_weather;
using argosy::consensus::test::raft_fleet;

namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

std::size_t voters_of(std::uint64_t seed) {
  constexpr std::size_t sizes[]{1, 3, 5, 3, 5, 3, 5, 5, 3, 3};
  return sizes[seed % 10];
}

raft_settings settings_of(std::uint64_t seed) {
  raft_settings out;
  if (seed % 2 == 1) { // snapshots all the time
    out.snapshot_every = 8;
    out.snapshot_trailing = seed % 3 == 0 ? 1 : 4;
  }
  return out;
}

fleet_weather weather_of(std::uint64_t seed) {
  fleet_weather out;
  out.loss = static_cast<double>(seed % 5) * 0.05;
  out.duplicates = static_cast<double>(seed % 3) * 0.05;
  out.spikes = static_cast<double>(seed % 4) * 0.03;
  out.delay_max_ms = seed % 7 == 0 ? 300 : 20;
  out.transfers = seed % 4 == 2;
  out.doubts = seed % 4 == 3;
  return out;
}

bool each_number_once(const std::string& state) {
  std::istringstream in{state};
  std::set<std::string> seen;
  for (std::string number; std::getline(in, number, ';');)
    if (!seen.insert(number).second)
      return false;
  return true;
}

void add(raft_fleet::figures& to, const raft_fleet::figures& more) {
  to.leaderships += more.leaderships;
  to.restored_from_leader += more.restored_from_leader;
  to.write_failures += more.write_failures;
  to.crashes += more.crashes;
  to.shortened += more.shortened;
  to.muted += more.muted;
  to.contacts += more.contacts;
  to.committed += more.committed;
}

/// Bad weather, then good: a leader, and all that was agreed on every voter, with one thing more.
void live_through(raft_fleet& fleet, std::chrono::milliseconds trouble) {
  fleet.run(trouble, true);
  fleet.heal();
  fleet.run(12s, false);
  REQUIRE_MESSAGE(fleet.violation().empty(), fleet.violation());
  const auto before = fleet.agreed();
  REQUIRE(fleet.leader());
  fleet.run(4s, false);
  REQUIRE_MESSAGE(fleet.violation().empty(), fleet.violation());
  CHECK(fleet.agreed().size() > before.size());
  CHECK(each_number_once(fleet.agreed()));
  fleet.run(1s, false);
  for (std::size_t i = 0; i < fleet.size(); ++i)
    CHECK(fleet.node(i)->state().size() + 64 > fleet.agreed().size()); // the last are on their way
}

} // namespace

TEST_CASE("raft_node: one, three and five voters keep their promises in any weather") {
  raft_fleet::figures sum;
  const auto from = number_from("ARGOSY_SEED", 1);
  const auto seeds = number_from("ARGOSY_SEEDS", 400);
  for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
    CAPTURE(seed);
    raft_fleet fleet{seed, voters_of(seed), settings_of(seed), weather_of(seed)};
    live_through(fleet, 30s);
    add(sum, fleet.counted());
  }
  MESSAGE("leaderships " << sum.leaderships << ", committed " << sum.committed << ", crashes "
                         << sum.crashes << ", failed writes " << sum.write_failures
                         << ", snapshots over the wire " << sum.restored_from_leader
                         << ", votes muted " << sum.muted << ", contacts " << sum.contacts);
  if (seeds < 100)
    return;
  CHECK(sum.leaderships > 2 * seeds); // the weather was bad indeed
  CHECK(sum.committed > 100 * seeds);
  CHECK(sum.write_failures > seeds / 2);
  CHECK(sum.restored_from_leader > seeds / 4);
  CHECK(sum.muted > 0);
  CHECK(sum.contacts > 1000 * seeds);
}

TEST_CASE("raft_node: commands of 300 KiB reach a voter that lags, a few per message") {
  raft_fleet::figures sum;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    auto weather = weather_of(seed);
    weather.command_bytes = 300 << 10;
    raft_fleet fleet{seed, 3, {}, weather};
    live_through(fleet, 15s);
    add(sum, fleet.counted());
  }
  CHECK(sum.shortened > 12);
}

TEST_CASE("raft_node: fewer than a majority that doubt a leader do not disturb it") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    raft_fleet fleet{seed, 5, {}, {}};
    fleet.run(8s, false);
    const auto leader = fleet.leader();
    REQUIRE(leader);
    const auto term = fleet.node(*leader)->term();
    for (int i = 0; i < 100; ++i) {
      for (std::size_t next = 1; next <= 2; ++next)
        fleet.doubt((*leader + next) % 5);
      fleet.run(std::chrono::milliseconds{20 + i}, false);
    }
    CHECK(fleet.leader() == leader);
    CHECK(fleet.node(*leader)->term() == term);
  }
}

TEST_CASE("raft_node: a majority that knows its leader gone has another in a moment") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    const std::size_t voters = seed % 2 == 0 ? 3 : 5;
    fleet_weather told;
    told.doubts = true;
    raft_fleet fleet{seed, voters, {}, told};
    fleet.run(8s, false);
    const auto gone = fleet.leader();
    REQUIRE(gone);
    fleet.crash(*gone);
    // More than once around, since the last to stand may lack an entry that another one has.
    for (std::size_t turn = 0; turn < 3 * voters && !fleet.leader(); ++turn) {
      if (turn % voters != *gone)
        fleet.doubt(turn % voters);
      fleet.run(100ms, false);
    }
    REQUIRE(fleet.leader());
    CHECK(fleet.leader() != gone);
    CHECK_MESSAGE(fleet.violation().empty(), fleet.violation());
  }
}
