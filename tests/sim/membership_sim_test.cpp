// Membership of a fleet under faults: views, leases, detection. Figures are of virtual time.
#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

using argosy::sim::sim_world;
using namespace std::chrono_literals;

TEST_CASE("fleet: three seeds found it, and all are up in one view within 5 s") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 3, 3};
    world.start_all();
    const bool founded = world.run_until([&] { return world.settled(); }, 8s);
    CHECK(founded);
    if (!founded)
      for (const auto* name : {"a", "b", "c"})
        for (auto& [k, v] : world.node(name).describe_membership())
          MESSAGE(std::string{name}, " ", k, " = ", v);
  }
}

TEST_CASE("fleet: a single seed is a fleet of one") {
  sim_world world{1, 1, 1};
  world.start_all();
  CHECK(world.run_until([&] { return world.settled(); }, 5s));
}

TEST_CASE("fleet: a node that does not vote joins through the seeds within 2 s") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 4, 3};
    for (const auto* name : {"a", "b", "c"})
      world.start(name);
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    world.start("d");
    CHECK(world.run_until([&] { return world.settled(); }, 2s));
  }
}

TEST_CASE("fleet: a node that was killed is out of the view within 1 s, the leader in 8 s") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    for (const std::string victim : {"a", "b", "c", "d", "e"}) {
      CAPTURE(seed);
      CAPTURE(victim);
      sim_world world{seed, 5, 3};
      world.start_all();
      REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
      const bool led = world.node(victim).describe_membership()["leads"] == "yes";
      world.kill(victim);
      CHECK(world.run_until([&] { return world.settled(); }, led ? 8s : 1s));
    }
  }
}

TEST_CASE("fleet: a pause of 1 s downs nobody") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 3};
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    const auto before = world.node("e").view_no();
    const std::string victim(1, static_cast<char>('a' + seed % 5));
    world.pause(victim, 1s);
    world.run(6s);
    CHECK(world.node("e").view_no() == before);
    CHECK(world.run_until([&] { return world.settled(); }, 2s));
  }
}
