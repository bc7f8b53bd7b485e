#include "bench/bare_send.hpp"

#include <doctest/doctest.h>

using namespace argosy::bench;

TEST_CASE("bare_send: sends to every connection and measures something") {
  const auto result = run_bare_send(20, "0123456789", 0.01);
  CHECK(result.connections == 20);
  CHECK(result.rounds >= 3);
  CHECK(result.refused == 0);
  CHECK(result.ns_per_send > 0);
  CHECK(result.sends_per_s > 0);
}
