// Nodes that were declared down by mistake, that are cut off for long, and that may not come in.
#include "tests/sim/fleet_talk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using argosy::sim::everything_allowed;
using argosy::sim::found;
using argosy::sim::has;
using argosy::sim::sim_world;
using argosy::testing::test_client;
using namespace std::chrono_literals;

namespace {

bool is_out(sim_world& world, const std::string& witness, const std::string& who) {
  return argosy::cluster::find(*world.node(witness).cluster().routes().view(), who) == nullptr;
}

const argosy::address lobby{"default", argosy::address_kind::room, "lobby"};

std::string owner_of_lobby(sim_world& world) {
  return world.node("a").cluster().routes().placement()->owner(lobby.shard())->name;
}

std::string one_but(const std::string& name) {
  return name == "a" ? "b" : "a";
}

} // namespace

TEST_CASE("lives: a node that paused 10 s comes in again as another life, with its sockets") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 3, everything_allowed()};
    found(world);
    const auto victim =
        seed % 2 == 0 ? owner_of_lobby(world) : std::string(1, static_cast<char>('a' + seed % 5));
    CAPTURE(victim);
    const auto client = argosy::sim::listen_at(world, victim);
    const auto before = world.node(victim).id();
    world.pause(victim, 10s);
    client.send_only(R"({"id":3,"publish":{"channel":"lobby","data":"under the old epoch"}})");
    REQUIRE(world.run_until([&] { return is_out(world, one_but(victim), victim); }, 3500ms));
    world.run(10s);
    CHECK(world.run_until([&] { return world.settled(); }, 5s));
    CHECK(world.node(victim).id().incarnation > before.incarnation);
    CHECK_FALSE(client.peer().close_code);
    world.run(500ms);
    client.take();
    client.send_only(R"({"id":4,"subscribe":{"channel":"lobby"}})"); // if it was told to
    world.run(200ms);
    const auto sender = world.node(one_but(victim)).actors().open();
    sender.connect("bob");
    world.run(100ms);
    sender.send_only(R"({"id":5,"publish":{"channel":"lobby","data":"anew"}})");
    world.run(300ms);
    CHECK(has(sender, R"("id":5,"publish":{)"));
    CHECK(has(client, R"("data":"anew")"));
    CHECK(world.node(victim).refusals().empty());
  }
}

// Its process was stopped, or its machine was, and with that the clock of its timers.
TEST_CASE(
    "lives: what an owner that slept is asked at its awakening is not done under the old epoch") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 3, 3, everything_allowed()};
    found(world);
    const auto owner = owner_of_lobby(world);
    auto& node = world.node(owner).actors();
    const auto client = argosy::sim::listen_at(world, owner);
    const auto published = node.services().metrics.published.get();
    if (seed % 2 == 0)
      world.pause(owner, 10s);
    else
      world.suspend(owner, 10s);
    for (int i = 0; i < 20; ++i) // waiting for whoever runs first
      client.send_only(R"({"id":)" + std::to_string(10 + i)
                       + R"(,"publish":{"channel":"lobby","data":1}})");
    world.run(9995ms);
    CHECK(node.services().metrics.published.get() == published);
    world.run(10ms);
    CHECK(node.services().metrics.published.get() == published);
    world.run(10s);
    CHECK(world.settled());
  }
}

TEST_CASE(
    "lives: a side that was cut off comes in again after the cut, each node as another life") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 5};
    found(world);
    const std::string one(1, static_cast<char>('a' + seed % 5));
    const std::string two(1, static_cast<char>('a' + (seed + 1) % 5));
    for (const std::string name : {"a", "b", "c", "d", "e"})
      for (const auto& lost : {one, two})
        if (name != one && name != two) {
          world.network().cut(sim_world::address_of(name), sim_world::address_of(lost));
          world.network().cut(sim_world::address_of(lost), sim_world::address_of(name));
        }
    const std::string witness(1, static_cast<char>('a' + (seed + 2) % 5));
    const auto halved = [&] { return is_out(world, witness, one) && is_out(world, witness, two); };
    CHECK(world.run_until(halved, 5s));
    CHECK(
        world.run_until([&] { return world.node(one).fenced() && world.node(two).fenced(); }, 4s));
    world.run(std::chrono::milliseconds{seed * 700});
    world.network().heal();
    CHECK(world.run_until([&] { return world.settled(); }, 15s));
  }
}

TEST_CASE("lives: who is cut off keeps its sockets for 20 s, then sends its clients elsewhere") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 3, 3, everything_allowed()};
    found(world);
    std::vector<test_client> clients;
    for (int i = 0; i < 50; ++i) {
      clients.push_back(world.node("c").actors().open());
      clients.back().connect("u" + std::to_string(i));
    }
    world.run(100ms);
    world.isolate("c");
    REQUIRE(world.run_until([&] { return world.node("c").fenced(); }, 5s));
    const auto closed = [&] {
      return std::count_if(clients.begin(), clients.end(),
                           [](const test_client& c) { return c.peer().close_code.has_value(); });
    };
    world.run(19'500ms);
    CHECK(closed() == 0);
    world.run(5'500ms);
    CHECK(closed() > 10); // not all at once
    CHECK(closed() < 40);
    world.run(6s);
    CHECK(closed() == 50);
    for (const auto& c : clients)
      CHECK(c.peer().close_code == 3001);
  }
}

TEST_CASE("lives: a node that differs in what must agree is refused for good, in one sentence") {
  using settings = argosy::cluster_settings;
  const std::vector<std::pair<std::function<void(settings&)>, std::string>> cases{
      {[](settings& s) { s.cluster = "other"; }, "cluster.name"},
      {[](settings& s) { s.protocol = 2; }, "protocol"},
      {[](settings& s) { s.settings_hash = 7; }, "settings"},
      {[](settings& s) { s.self.id.name = "b"; }, "node.name: the name b"},
      {[](settings& s) { s.self.id.name = "c"; }, "node.name: the name c"},
  };
  for (const auto& [adjust, key] : cases) {
    CAPTURE(key);
    sim_world world{3, 4, 3};
    for (const auto* name : {"a", "b", "c"})
      world.start(name);
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    const auto before = world.node("a").view_no();
    world.start("d", adjust);
    world.run(20s);
    REQUIRE(world.node("d").refusals().size() == 1);
    CHECK_MESSAGE(world.node("d").refusals()[0].find(key) != std::string::npos,
                  world.node("d").refusals()[0]);
    CHECK(world.node("a").view_no() == before);
    for (const auto* name : {"a", "b", "c"})
      CHECK(world.node(name).refusals().empty());
  }
}

TEST_CASE("lives: one seed with other settings leaves, and the others are a cluster") {
  sim_world world{4, 3, 3};
  world.start("a");
  world.start("b");
  world.start("c", [](argosy::cluster_settings& s) { s.settings_hash = 7; });
  world.run(12s);
  CHECK(world.node("c").refusals().size() == 1);
  CHECK(world.node("a").refusals().empty());
  CHECK(world.node("b").refusals().empty());
  world.kill("c");
  CHECK(world.run_until([&] { return world.settled(); }, 5s));
}

TEST_CASE("lives: a node whose seeds cannot be reached waits, and comes in when they are there") {
  sim_world world{5, 4, 3};
  world.start("d");
  world.run(30s);
  CHECK(world.node("d").refusals().empty());
  for (const auto* name : {"a", "b", "c"})
    world.start(name);
  CHECK(world.run_until([&] { return world.settled(); }, 10s));
}

TEST_CASE("lives: a clock that went back over a restart keeps nobody out") {
  sim_world world{6, 4, 3};
  world.start_all();
  REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
  world.kill("d");
  REQUIRE(world.run_until([&] { return is_out(world, "a", "d"); }, 1s));
  world.start("d", [](argosy::cluster_settings& s) { s.self.id.incarnation = 1; });
  CHECK(world.run_until([&] { return world.settled(); }, 5s));
}
