// Membership of a fleet under faults: views, leases, detection. Figures are of virtual time.
#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

#include <string>

using argosy::sim::sim_world;
using namespace std::chrono_literals;

namespace {

argosy::sim::network_weather with_datagrams(double loss = 0) {
  argosy::sim::network_weather w;
  w.datagrams = true;
  w.datagram_loss = loss;
  return w;
}

std::string leader_of(sim_world& world) {
  for (const auto& name : world.running())
    if (world.node(name).describe_membership()["leads"] == "yes")
      return name;
  return {};
}

} // namespace

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

TEST_CASE("fleet: a node that was killed is out of the view within 1 s, also if it led") {
  for (const std::size_t seeds : {3U, 5U})
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      CAPTURE(seeds);
      CAPTURE(seed);
      sim_world world{seed, 6, seeds};
      world.start_all();
      REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
      const auto led = leader_of(world);
      const std::string victim =
          seed % 3 != 0 ? led : std::string(1, static_cast<char>('a' + seed % 6));
      CAPTURE(victim);
      world.run(std::chrono::milliseconds{seed * 37 % 1000});
      world.kill(victim);
      CHECK(world.run_until([&] { return world.settled(); }, 1s));
    }
}

// A port that is closing hangs up on some who call instead of refusing them, and once the view has
// changed nobody calls again. Who takes over from the dead must not wait for its lease because of
// that.
TEST_CASE("fleet: one that was refused is enough to know that nobody acts for the dead") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 4, 3};
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    const auto led = leader_of(world);
    const std::string victim = seed % 2 == 0 ? led : "d";
    const std::string deaf = led == "a" ? "b" : "a";
    for (const auto& [from, to] : {std::pair{deaf, victim}, std::pair{victim, deaf}}) {
      world.network().cut(sim_world::address_of(from), sim_world::address_of(to));
      world.network().reset(sim_world::address_of(from), sim_world::address_of(to));
    }
    world.run(300ms);
    world.kill(victim);
    CHECK(world.run_until([&] { return world.settled(); }, 1500ms));
  }
}

TEST_CASE("fleet: the leader is killed and comes back at once; nobody else is missed") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 3};
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    const auto led = leader_of(world);
    world.kill(led);
    world.run(std::chrono::milliseconds{5 * (seed % 8)});
    world.start(led);
    CHECK(world.run_until([&] { return world.settled(); }, 4s));
  }
}

TEST_CASE("fleet: who is silent is out of the view within 3.5 s, also the leader") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed)
    for (const bool pause : {true, false}) {
      CAPTURE(seed);
      CAPTURE(pause);
      sim_world world{seed, 5, seed % 2 == 0 ? 3U : 5U};
      world.start_all();
      REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
      const auto led = leader_of(world);
      const std::string victim =
          seed % 3 != 0 ? led : std::string(1, static_cast<char>('a' + seed % 5));
      const std::string witness = victim == "a" ? "b" : "a";
      CAPTURE(victim);
      if (pause)
        world.pause(victim, 10s);
      else
        world.isolate(victim);
      const auto is_out = [&] {
        const auto view = world.node(witness).cluster().routes().view();
        return argosy::cluster::find(*view, victim) == nullptr;
      };
      CHECK(world.run_until(is_out, 3500ms));
    }
}

TEST_CASE(
    "fleet: of two nodes, the silent one is out of the view within 3.5 s, a dead one in 1 s") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    for (const bool pause : {true, false}) {
      sim_world world{seed, 2, 1};
      world.start_all();
      REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
      if (pause)
        world.pause("b", 20s);
      else
        world.kill("b");
      const auto is_out = [&] {
        return argosy::cluster::find(*world.node("a").cluster().routes().view(), "b") == nullptr;
      };
      CHECK(world.run_until(is_out, pause ? 3500ms : 1000ms));
    }
  }
}

TEST_CASE("fleet: two nodes pause 1 s in turn, and nobody is down") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 2, 1};
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    const auto before = world.node("a").view_no();
    for (const auto* name : {"a", "b"}) {
      world.pause(name, 1s);
      world.run(std::chrono::milliseconds{3000 + seed * 53 % 700});
    }
    CHECK(world.node("a").view_no() == before);
  }
}

TEST_CASE("fleet: one voter that believes the leader dead does not disturb it") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 5};
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    const auto led = leader_of(world);
    const auto term = world.node(led).describe_membership()["term"];
    const std::string doubter = led == "a" ? "b" : "a";
    world.network().cut(sim_world::address_of(led), sim_world::address_of(doubter));
    world.network().cut(sim_world::address_of(doubter), sim_world::address_of(led));
    world.run(12s);
    CHECK(world.node(led).describe_membership()["leads"] == "yes");
    CHECK(world.node(led).describe_membership()["term"] == term);
    world.network().heal();
    CHECK(world.run_until([&] { return world.settled(); }, 12s));
    CHECK(world.node(led).describe_membership()["term"] == term);
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

TEST_CASE("fleet: with probes beside the links, deaths and silences are found as fast") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 3, {}, with_datagrams(0.2)};
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    world.run(5s);
    CHECK(world.network().datagrams() > 100);
    const auto before = world.node("e").view_no();
    world.pause("d", 1s);
    world.run(5s);
    CHECK(world.node("e").view_no() == before);
    const std::string victim = seed % 2 == 0 ? leader_of(world) : std::string{"e"};
    const std::string witness = victim == "a" ? "b" : "a";
    world.pause(victim, 10s);
    const auto is_out = [&] {
      return argosy::cluster::find(*world.node(witness).cluster().routes().view(), victim)
             == nullptr;
    };
    CHECK(world.run_until(is_out, 3500ms));
    world.run(10s);
    CHECK(world.run_until([&] { return world.settled(); }, 5s));
  }
}

TEST_CASE("fleet: whose links are stuck behind data is not accused when probes go beside them") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    for (const bool beside : {true, false}) {
      CAPTURE(seed);
      CAPTURE(beside);
      sim_world world{seed, 2, 1, {}, beside ? with_datagrams() : argosy::sim::network_weather{}};
      world.start_all();
      REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
      world.network().slow(sim_world::address_of("a"), sim_world::address_of("b"), 6s);
      world.network().slow(sim_world::address_of("b"), sim_world::address_of("a"), 6s);
      world.run(5s);
      const auto view = world.node("a").cluster().routes().view();
      CHECK((argosy::cluster::find(*view, "b") != nullptr) == beside);
    }
}
