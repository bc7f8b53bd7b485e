// Readiness: when a balancer sends newcomers elsewhere, and the word that it gets for it.
#include "actors/gateway/gateway.hpp"
#include "actors/gateway/readiness.hpp"
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>

#include <string>

using argosy::gateway;
using argosy::standing;
using argosy::standing_of;
using argosy::why_not_ready;
using argosy::cluster::member_state;
using argosy::testing::test_node;

namespace {

standing member(member_state state, bool fenced = false) {
  return {.in_cluster = true, .fenced = fenced, .state = state};
}

} // namespace

TEST_CASE("readiness: a node on its own is ready until it drains") {
  CHECK(why_not_ready({}) == "");
  CHECK(why_not_ready({.draining = true}) == "draining");
}

TEST_CASE("readiness: a node of a cluster is ready while it is up and has a lease") {
  CHECK(why_not_ready(member(member_state::up)) == "");
  CHECK(why_not_ready(member(member_state::up, true)) == "fenced");
  CHECK(why_not_ready(member(member_state::leaving)) == "leaving");
  CHECK(why_not_ready(member(member_state::joining)) == "joining");
  CHECK(why_not_ready(member(member_state::joining, true)) == "joining");
  CHECK(why_not_ready(member(member_state::down)) == "fenced");
  CHECK(why_not_ready({.in_cluster = true}) == "joining");
  CHECK(why_not_ready({.in_cluster = true, .fenced = true}) == "joining");
  auto stopping = member(member_state::up, true);
  stopping.draining = true;
  CHECK(why_not_ready(stopping) == "draining");
}

TEST_CASE("readiness: a node alone has no lease to lose") {
  test_node node;
  gateway door{node.services(), {}};
  CHECK(why_not_ready(standing_of(node.services(), door)) == "");
  door.start_draining();
  CHECK(why_not_ready(standing_of(node.services(), door)) == "draining");
}
