// fleet_talk: the few words that the tests of fleets have in common.
#pragma once

#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace argosy::sim {

inline testing::test_setup everything_allowed() {
  testing::test_setup s;
  s.plain = testing::open_channel();
  return s;
}

inline bool has(const testing::test_client& c, std::string_view part) {
  return c.text().find(part) != std::string::npos;
}

/// A client at that node who listens to the channel, as everybody knows by now.
inline testing::test_client listen_at(sim_world& world, const std::string& node,
                                      std::string_view channel = "lobby") {
  auto client = world.node(node).actors().open();
  client.connect("at-" + node);
  world.run(std::chrono::milliseconds{100});
  client.send_only(R"({"id":2,"subscribe":{"recoverable":true,"channel":")" + std::string{channel}
                   + R"("}})");
  world.run(std::chrono::milliseconds{100});
  REQUIRE(has(client, R"("id":2,"subscribe")"));
  return client;
}

/// A settled fleet of all nodes of the world.
inline void found(sim_world& world) {
  world.start_all();
  REQUIRE(world.run_until([&] { return world.settled(); }, std::chrono::seconds{10}));
}

} // namespace argosy::sim
