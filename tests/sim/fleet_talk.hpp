// fleet_talk: the few words that the tests of fleets have in common.
#pragma once

#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

#include <chrono>
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

/// A settled fleet of all nodes of the world.
inline void found(sim_world& world) {
  world.start_all();
  REQUIRE(world.run_until([&] { return world.settled(); }, std::chrono::seconds{10}));
}

} // namespace argosy::sim
