// Rooms, users and presence over several nodes, seen by their clients.
#include "tests/sim/fleet_talk.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using argosy::sim::everything_allowed;
using argosy::sim::found;
using argosy::sim::has;
using argosy::sim::listen_at;
using argosy::sim::sim_world;
using argosy::testing::test_client;
using namespace std::chrono_literals;

namespace {

std::size_t times(const test_client& c, std::string_view part) {
  std::size_t n = 0;
  const auto text = c.text();
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

} // namespace

TEST_CASE("fleet: whoever publishes anywhere is heard everywhere, by one message a node") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 3, 3, everything_allowed()};
    found(world);
    std::vector<test_client> readers;
    for (const auto* name : {"a", "b", "c"})
      for (int i = 0; i < 3; ++i) {
        readers.push_back(world.node(name).actors().open());
        readers.back().connect(std::string{name} + std::to_string(i));
      }
    world.run(100ms);
    for (const auto& r : readers)
      r.send_only(R"({"id":2,"subscribe":{"channel":"lobby"}})");
    world.run(100ms);
    for (const auto& r : readers) {
      REQUIRE(has(r, R"("id":2,"subscribe")"));
      r.take();
    }
    std::int64_t before = 0;
    for (const auto* name : {"a", "b", "c"})
      before += world.node(name).actors().services().metrics.fans.get();
    for (int i = 0; i < 10; ++i)
      readers[static_cast<std::size_t>(i) % readers.size()].send_only(
          R"({"id":3,"publish":{"channel":"lobby","data":{"n":)" + std::to_string(i) + "}}}");
    world.run(200ms);
    std::int64_t after = 0;
    for (const auto* name : {"a", "b", "c"})
      after += world.node(name).actors().services().metrics.fans.get();
    CHECK(after - before == 30); // three nodes, ten publications
    for (const auto& r : readers) {
      CHECK(times(r, R"("pub":)") == 10);
      for (int i = 0; i < 10; ++i)
        CHECK(has(r, R"("data":{"n":)" + std::to_string(i) + "}"));
    }
  }
}

TEST_CASE("fleet: history and presence are the same from every node") {
  sim_world world{3, 3, 3, everything_allowed()};
  found(world);
  std::vector<test_client> clients;
  for (const auto* name : {"a", "b", "c"})
    clients.push_back(listen_at(world, name));
  clients[0].send_only(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
  world.run(100ms);
  for (const auto& c : clients) {
    c.take();
    c.send_only(R"({"id":4,"history":{"channel":"lobby","limit":-1}})");
    c.send_only(R"({"id":5,"presence_stats":{"channel":"lobby"}})");
  }
  world.run(100ms);
  for (const auto& c : clients) {
    CHECK(has(c, R"("offset":1)"));
    CHECK(has(c, R"("num_clients":3,"num_users":3)"));
  }
}

TEST_CASE("fleet: a message to a user reaches the devices on all nodes") {
  sim_world world{5, 3, 3, everything_allowed()};
  found(world);
  std::vector<test_client> devices;
  for (const auto* name : {"a", "b", "c"}) {
    devices.push_back(world.node(name).actors().open());
    devices.back().connect("ann");
  }
  world.run(100ms);
  const auto sender = world.node("b").actors().open();
  sender.connect("bob");
  world.run(100ms);
  for (const auto& d : devices)
    d.take();
  auto& from = world.node("c").actors();
  from.routes().route(argosy::address{"default", argosy::address_kind::user, "ann"},
                      argosy::publish_user{{}, R"({"hi":1})", nullptr, {}});
  world.run(100ms);
  for (const auto& d : devices)
    CHECK(times(d, R"("data":{"hi":1})") == 1);
}

TEST_CASE("fleet: who subscribes while its room moves is answered, whoever hears of it first") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    // Slow enough that the nodes learn of a view one after the other.
    argosy::sim::network_weather slow;
    slow.delay_max = argosy::sim::instant{40'000};
    sim_world world{seed, 4, 3, everything_allowed(), slow};
    for (const auto* name : {"a", "b", "c"})
      world.start(name);
    REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
    std::vector<test_client> clients;
    for (const auto* name : {"a", "b", "c"}) {
      clients.push_back(world.node(name).actors().open());
      clients.back().connect(name);
    }
    world.run(300ms);
    world.start("d");
    int asked = 0;
    const auto ask = [&] { // a room a step, up to the limit of a client
      if (asked == 120)
        return world.settled();
      for (const auto& c : clients)
        c.send_only(R"({"id":)" + std::to_string(100 + asked) + R"(,"subscribe":{"channel":"r)"
                    + std::to_string(asked) + R"("}})");
      ++asked;
      return world.settled();
    };
    REQUIRE(world.run_until(ask, 2s));
    world.run(3s);
    for (const auto& c : clients)
      for (int i = 0; i < asked; ++i) {
        CAPTURE(i);
        CHECK(has(c, R"({"id":)" + std::to_string(100 + i) + R"(,"subscribe":)"));
      }
  }
}

TEST_CASE(
    "fleet: cut off from the majority, an owner acknowledges nothing once its lease is over") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 3, 3, everything_allowed()};
    found(world);
    const argosy::address room{"default", argosy::address_kind::room, "lobby"};
    const auto owner = world.node("a").cluster().routes().placement()->owner(room.shard())->name;
    const auto stranded = world.node(owner).actors().open();
    stranded.connect("stranded");
    world.run(100ms);
    for (const auto* other : {"a", "b", "c"})
      if (other != owner) {
        world.network().cut(sim_world::address_of(owner), sim_world::address_of(other));
        world.network().cut(sim_world::address_of(other), sim_world::address_of(owner));
      }
    const auto before = world.node(owner).view_no();
    const std::string other = owner == "a" ? "b" : "a";
    REQUIRE(world.run_until([&] { return world.node(other).view_no() > before; }, 10s));
    world.run(3200ms); // the lease rule: nobody acts under the old view later than that
    CHECK(world.node(owner).fenced());
    stranded.take();
    stranded.send_only(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
    world.run(6s);
    CHECK(has(stranded, R"("id":3,"error")"));
    world.network().heal();
  }
}

TEST_CASE("fleet: when an owner dies, its rooms are published to again, and nothing comes twice") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 3, 3, everything_allowed()};
    found(world);
    const argosy::address room{"default", argosy::address_kind::room, "lobby"};
    const auto owner = world.node("a").cluster().routes().placement()->owner(room.shard())->name;
    const std::string other = owner == "a" ? "b" : "a";
    const auto reader = listen_at(world, other);
    reader.send_only(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
    world.run(100ms);
    CHECK(times(reader, R"("data":1)") == 1);
    world.kill(owner);
    REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
    world.run(100ms);
    reader.send_only(R"({"id":4,"subscribe":{"channel":"lobby"}})");
    world.run(100ms);
    reader.send_only(R"({"id":5,"publish":{"channel":"lobby","data":2}})");
    world.run(200ms);
    CHECK(has(reader, R"({"id":5,"publish":{)"));
    CHECK(times(reader, R"("data":2)") == 1);
  }
}

TEST_CASE("fleet: a user's cap is exact over all nodes, whichever way it is kept") {
  for (const bool oldest_goes : {false, true}) {
    CAPTURE(oldest_goes);
    auto setup = everything_allowed();
    setup.limits.connections_per_user_max = 2;
    setup.limits.oldest_session_gives_way = oldest_goes;
    sim_world world{11, 3, 3, setup};
    found(world);
    std::vector<test_client> devices;
    for (const auto* name : {"a", "b", "c"}) {
      devices.push_back(world.node(name).actors().open());
      devices.back().connect("ann");
      world.run(100ms);
    }
    CHECK(devices[0].peer().close_code.value_or(0) == (oldest_goes ? 3504 : 0));
    CHECK(devices[1].peer().close_code.value_or(0) == 0);
    CHECK(devices[2].peer().close_code.value_or(0) == (oldest_goes ? 0 : 3504));
  }
}
