// What seeds have found, each as the shortest run that shows it.
#include "runtime/cluster/placement.hpp"
#include "tests/sim/fleet_talk.hpp"
#include "tests/sim/invariants.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using argosy::sim::everything_allowed;
using argosy::sim::has;
using argosy::sim::listen_at;
using argosy::sim::sim_world;
using argosy::testing::test_client;
using namespace std::chrono_literals;

namespace {

/// The owner of `channel` first, then the others.
std::vector<std::string> by_ownership(sim_world& world, std::string_view channel) {
  const argosy::address room{"default", argosy::address_kind::room, channel};
  const auto owner = world.node("a").cluster().routes().placement()->owner(room.shard())->name;
  std::vector<std::string> out{owner};
  for (const auto& name : world.running())
    if (name != owner)
      out.push_back(name);
  return out;
}

} // namespace

// A client had offset 2 from a node, lost it, and resumed on a node that a cut had kept at offset
// 1. It was told `recovered:false` at offset 1, and got 2 once more when the cut was over.
TEST_CASE("found: who knows more of a room than its new node waits for it, and goes not back") {
  sim_world world{163, 3, 3, everything_allowed()};
  world.start_all();
  REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
  const auto nodes = by_ownership(world, "lobby");
  std::vector<test_client> readers;
  for (const auto& name : nodes)
    readers.push_back(listen_at(world, name));
  readers[0].send_only(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
  world.run(100ms);
  const auto at = [](const std::string& name) { return sim_world::address_of(name); };
  world.network().cut(at(nodes[0]), at(nodes[2]));
  readers[0].send_only(R"({"id":4,"publish":{"channel":"lobby","data":2}})");
  world.run(100ms);
  REQUIRE(has(readers[1], R"("offset":2)"));
  REQUIRE_FALSE(has(readers[2], R"("offset":2)"));
  const auto text = readers[0].text();
  const auto begins = text.find(R"("epoch":")") + 9;
  const auto epoch = text.substr(begins, text.find('"', begins) - begins);

  const auto moved = world.node(nodes[2]).actors().open();
  moved.connect("moved");
  world.run(100ms);
  moved.send_only(R"({"id":5,"subscribe":{"channel":"lobby","recover":true,"epoch":")" + epoch
                  + R"(","offset":2}})");
  world.run(300ms);
  CHECK_FALSE(has(moved, R"("id":5)"));
  world.network().heal();
  world.run(2s);
  CHECK(has(moved, R"("recovered":true)"));
  CHECK_FALSE(has(moved, R"("data":2)"));
}

// A device was signing in at `b` when its user's sessions moved to another node. The old owner let
// it in, a little later; the new one never heard of it, so that no message to the user reached it.
TEST_CASE("found: a device that signs in while its user moves is known to the new owner") {
  sim_world world{354, 4, 3, everything_allowed()};
  for (const auto* name : {"a", "b", "c"})
    world.start(name);
  REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
  std::string mute; // an owner that the voters do not need for the next view
  for (const auto* name : {"a", "c"})
    if (world.node(name).describe_membership()["leads"] != "yes")
      mute = name;
  world.network().cut(sim_world::address_of(mute), sim_world::address_of("b"));
  constexpr int users = 60;
  std::vector<test_client> devices;
  for (int i = 0; i < users; ++i) {
    devices.push_back(world.node("b").actors().open());
    devices.back().send_only(R"({"id":1,"connect":{"data":{"user":"u)" + std::to_string(i)
                             + R"("}}})");
  }
  world.run(100ms);
  const auto signing_in = [&] {
    return std::count_if(devices.begin(), devices.end(),
                         [](const auto& d) { return !has(d, R"("id":1)"); });
  };
  REQUIRE(signing_in() > 0);
  world.start("d");
  REQUIRE(world.run_until(
      [&] {
        return world.node("b").view_no() == world.node("d").view_no()
               && world.node("d").view_no() > 0 && !world.node("d").fenced();
      },
      5s));
  world.run(200ms);
  REQUIRE(signing_in() > 0);
  world.network().heal();
  REQUIRE(world.run_until([&] { return world.settled() && signing_in() == 0; }, 5s));
  world.run(500ms);
  for (int i = 0; i < users; ++i)
    argosy::sim::send_letter(world, "a", "u" + std::to_string(i), "\"hello\"");
  world.run(500ms);
  for (int i = 0; i < users; ++i) {
    CAPTURE(i);
    CHECK(has(devices[static_cast<std::size_t>(i)], "hello"));
  }
}

// Over a slow line from the leader a newcomer heard of its second view as a member from somebody
// else, without the first, by which it had got its shards. It could not know whose they had been,
// and salvaged them, in new epochs, though nothing was broken.
TEST_CASE("found: who hears of several views at once learns of each of them") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 5, 3, everything_allowed()};
    for (const auto* name : {"a", "b", "c"})
      world.start(name);
    REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
    for (const auto* name : {"a", "b", "c"})
      if (world.node(name).describe_membership()["leads"] == "yes")
        world.network().slow(sim_world::address_of(name), sim_world::address_of("d"), 150ms);
    world.start("d");
    world.run(std::chrono::milliseconds{20 * seed});
    world.start("e");
    REQUIRE(world.run_until([&] { return world.settled(); }, 15s));
    world.run(3s);
    for (const auto* name : {"a", "b", "c", "d", "e"})
      CHECK(world.node(name).cluster().services().shards.salvaged == 0);
  }
}

// Over bad lines an owner learnt of several views at once, more than anybody keeps. It could not
// know whether the room had been another's in between, and salvaged it, in a new epoch. For the
// others the room had not moved, so they did not ask for it again: its listeners heard nothing
// more, or heard what is of the new epoch as of the old one.
TEST_CASE("found: a room that its owner begins anew tells those who listen to it") {
  int begun_anew = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 7, 3, everything_allowed()};
    const auto start = [&](const char* name) {
      world.start(name, [](argosy::cluster_settings& s) { s.recent_views = 1; });
    };
    for (const auto* name : {"a", "b", "c"})
      start(name);
    REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
    const auto channel = "room" + std::to_string(seed);
    const auto nodes = by_ownership(world, channel);
    std::vector<test_client> readers;
    for (const auto& name : nodes)
      readers.push_back(listen_at(world, name, channel));
    readers[0].send_only(R"({"id":3,"publish":{"channel":")" + channel + R"(","data":1}})");
    world.run(100ms);
    const auto at = [&](std::size_t i) { return sim_world::address_of(nodes[i]); };
    const auto silent = 1 + seed % 2; // in half of the runs it is the leader
    world.network().cut(at(silent), at(0));
    world.network().slow(at(3 - silent), at(0), 700ms);
    for (const auto* name : {"d", "e", "f", "g"})
      start(name);
    world.run(1500ms);
    world.network().heal();
    REQUIRE(world.run_until([&] { return world.settled(); }, 15s));
    world.run(1s);
    const bool stayed = by_ownership(world, channel).front() == nodes[0];
    readers[1].send_only(R"({"id":4,"publish":{"channel":")" + channel + R"(","data":2}})");
    world.run(2s);
    for (const auto& r : readers) {
      const bool was_told = has(r, R"("unsubscribe":{"code":2500)");
      CHECK(has(r, R"("data":2)") != was_told);
      begun_anew += was_told && stayed ? 1 : 0;
    }
  }
  CHECK(begun_anew > 0); // else this shows nothing
}
