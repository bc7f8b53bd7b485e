// What seeds have found, each as the shortest run that shows it.
#include "runtime/cluster/placement.hpp"
#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using argosy::sim::sim_world;
using argosy::testing::test_client;
using namespace std::chrono_literals;

namespace {

argosy::testing::test_setup everything_allowed() {
  argosy::testing::test_setup s;
  s.plain = argosy::testing::open_channel();
  return s;
}

bool has(const test_client& c, std::string_view part) {
  return c.text().find(part) != std::string::npos;
}

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
  for (const auto& name : nodes) {
    readers.push_back(world.node(name).actors().open());
    readers.back().connect("reader");
    world.run(100ms);
    readers.back().send_only(R"({"id":2,"subscribe":{"channel":"lobby"}})");
    world.run(100ms);
  }
  readers[0].send_only(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
  world.run(100ms);
  const auto at = [](const std::string& name) { return sim_world::address_of(name); };
  world.network().cut(at(nodes[0]), at(nodes[2]));
  readers[0].send_only(R"({"id":4,"publish":{"channel":"lobby","data":2}})");
  world.run(100ms);
  REQUIRE(has(readers[1], R"("offset":2)"));
  REQUIRE_FALSE(has(readers[2], R"("offset":2)"));
  const auto text = readers[0].text();
  const auto epoch = text.substr(text.find(R"("epoch":")") + 9, 8);

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
