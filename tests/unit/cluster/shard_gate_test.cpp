// shard_gate: shut as long as anything speaks against it, and in which order it lets go.
#include "runtime/cluster/shard_gate.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using argosy::cluster::node_identity;
using argosy::cluster::route_buffer_settings;
using argosy::testing::at;
using namespace std::chrono_literals;

using gate = argosy::cluster::shard_gate<std::string>;

namespace {

const node_identity bob{"bob", 4};
const node_identity cat{"cat", 2};

using list = std::vector<std::string>;
using shards = std::vector<std::uint32_t>;

} // namespace

TEST_CASE("shard_gate: opens once, and only when nothing speaks against it any more") {
  gate g;
  CHECK(g.all_open());
  g.await_owner(7);
  g.await_barrier(7, bob, 4, at(0s));
  g.await_view(7, 5);
  g.await_moment(7, at(1s));
  CHECK(g.shut(7));
  CHECK(g.shut() == 1);
  CHECK_FALSE(g.all_open());

  // Each of the four holds it alone.
  std::vector<void (*)(gate&)> reasons{
      [](gate& x) { x.owner_ready(7); },
      [](gate& x) { x.barrier_passed(bob, 4); },
      [](gate& x) { x.view_is(5); },
      [](gate& x) { x.tick(at(1s)); },
  };
  SUBCASE("the owner last") {
    std::swap(reasons[0], reasons[3]);
  }
  SUBCASE("the barrier last") {
    std::swap(reasons[1], reasons[3]);
  }
  SUBCASE("the view last") {
    std::swap(reasons[2], reasons[3]);
  }
  SUBCASE("the moment last") {
  }
  for (const auto& settle : reasons) {
    CHECK(g.shut(7));
    CHECK(g.take_open().empty());
    settle(g);
  }
  CHECK_FALSE(g.shut(7));
  CHECK(g.all_open());
  CHECK(g.take_open() == shards{7});
  CHECK(g.take_open().empty());
}

TEST_CASE("shard_gate: what nobody waits for opens nothing") {
  gate g;
  g.owner_ready(1);
  g.barrier_passed(bob, 4);
  g.view_is(9);
  g.tick(at(1h));
  CHECK(g.take_open().empty());
  CHECK_FALSE(g.shut(1));
}

TEST_CASE("shard_gate: one shard's reasons are not another's") {
  gate g;
  g.await_owner(1);
  g.await_owner(2);
  g.await_barrier(2, bob, 4, at(0s));
  g.owner_ready(1);
  CHECK(g.take_open() == shards{1});
  g.owner_ready(2);
  CHECK(g.take_open().empty());
  CHECK(g.shut(2));
  // A barrier counts for all that wait for it.
  g.await_barrier(3, bob, 4, at(0s));
  g.barrier_passed(bob, 4);
  auto open = g.take_open();
  std::sort(open.begin(), open.end());
  CHECK(open == shards{2, 3});
}

TEST_CASE("shard_gate: shut again before anybody looked, it says so") {
  gate g;
  g.await_owner(1);
  g.owner_ready(1);
  g.await_owner(1);
  CHECK(g.take_open() == shards{1});
  CHECK(g.shut(1)); // whoever releases asks first
}

TEST_CASE("shard_gate: a shard that moved twice waits for the barriers of both owners") {
  gate g;
  g.await_barrier(7, bob, 4, at(0s));
  g.await_barrier(7, cat, 4, at(0s));
  g.await_barrier(7, bob, 4, at(1s)); // once more to him: one barrier, the later
  g.barrier_passed(bob, 4);
  CHECK(g.shut(7));
  g.barrier_passed({"cat", 1}, 4); // another life of hers
  CHECK(g.shut(7));
  g.barrier_passed(cat, 4);
  CHECK(g.take_open() == shards{7});
}

TEST_CASE("shard_gate: the barrier of an earlier view says nothing of what came after it") {
  gate g;
  g.await_barrier(7, bob, 5, at(0s));
  g.barrier_passed(bob, 4);
  CHECK(g.shut(7));
  g.barrier_passed(bob, 5);
  CHECK_FALSE(g.shut(7));
}

TEST_CASE("shard_gate: no barrier is waited for longer than its patience, counted from the last") {
  gate g;
  g.await_barrier(7, bob, 4, at(0s));
  g.await_barrier(7, cat, 4, at(1s));
  g.tick(at(4'999ms));
  g.tick(at(5s)); // bob's
  CHECK(g.shut(7));
  g.await_barrier(7, cat, 4, at(5s));
  g.tick(at(6s));
  CHECK(g.shut(7));
  g.tick(at(10s) - 1ns);
  CHECK(g.shut(7));
  g.tick(at(10s));
  CHECK(g.take_open() == shards{7});
}

TEST_CASE("shard_gate: the newest view that was heard of must come, and a later one will do") {
  gate g;
  g.await_view(7, 5);
  g.await_view(7, 3);
  g.view_is(4);
  CHECK(g.shut(7));
  g.await_view(8, 6);
  g.view_is(5);
  CHECK(g.take_open() == shards{7});
  g.view_is(9);
  CHECK(g.take_open() == shards{8});
}

TEST_CASE("shard_gate: what came back goes before what came since, each in its order") {
  gate g;
  g.await_barrier(7, bob, 4, at(0s));
  CHECK(g.hold(7, 1, "c", at(0s)));
  CHECK(g.hold_returned(7, 1, "a", at(0s)));
  CHECK(g.hold(8, 1, "other", at(0s)));
  CHECK(g.hold(7, 1, "d", at(0s)));
  CHECK(g.hold_returned(7, 1, "b", at(0s)));
  CHECK(g.waiting() == 5);
  g.barrier_passed(bob, 4);
  CHECK(g.release(7) == list{"a", "b", "c", "d"});
  CHECK(g.release(7).empty());
  CHECK(g.waiting() == 1);
  CHECK(g.release(8) == list{"other"});
  CHECK(g.waiting_bytes() == 0);
}

// Seed 6923 of the simulation: a node held letters of another one for a shard that it had lost,
// until its own gate opened. The other one's barrier passed it meanwhile, and they came back too
// late.
TEST_CASE("shard_gate: who is turned away goes at once, and the gate stays shut for the others") {
  gate g;
  g.await_barrier(7, bob, 4, at(0s));
  for (const auto* item : {"mine 1", "theirs 1", "mine 2", "theirs 2"})
    CHECK(g.hold(7, 1, item, at(0s)));
  CHECK(g.hold(8, 1, "theirs 3", at(0s)));
  const auto theirs = [](const std::string& item) { return item.starts_with("theirs"); };
  CHECK(g.turn_away(7, theirs) == list{"theirs 1", "theirs 2"});
  CHECK(g.turn_away(7, theirs).empty());
  CHECK(g.shut(7));
  CHECK(g.waiting() == 3);
  CHECK(g.release(7) == list{"mine 1", "mine 2"});
  CHECK(g.turn_away(8, theirs) == list{"theirs 3"});
  CHECK(g.waiting_bytes() == 0);
}

TEST_CASE("shard_gate: what waits is bounded, and what does not fit is left as it was") {
  argosy::cluster::shard_gate<std::unique_ptr<int>> g;
  const auto bytes_max = route_buffer_settings{}.shard_bytes_max;
  auto large = std::make_unique<int>(1);
  CHECK_FALSE(g.hold(7, bytes_max, std::move(large), at(0s)));
  REQUIRE(large != nullptr);
  CHECK_FALSE(g.hold_returned(7, bytes_max, std::move(large), at(0s)));
  REQUIRE(large != nullptr);
  CHECK(g.waiting_bytes() == 0);

  const auto half = bytes_max / 2;
  CHECK(g.hold(7, half, std::move(large), at(0s)));
  auto next = std::make_unique<int>(2);
  CHECK_FALSE(g.hold(7, half, std::move(next), at(0s)));
  // Those who come back have a place of their own: newcomers cannot take it.
  CHECK(g.hold_returned(7, half, std::move(next), at(0s)));
  const auto both = g.release(7);
  REQUIRE(both.size() == 2);
  CHECK(*both[0] == 2);
  CHECK(*both[1] == 1);
}

TEST_CASE("shard_gate: what has waited for too long is given back, open or not") {
  gate g;
  g.await_owner(7);
  CHECK(g.hold(7, 1, "b", at(0s)));
  CHECK(g.hold_returned(7, 1, "a", at(0s)));
  CHECK(g.hold(8, 1, "c", at(1s)));
  CHECK(g.expire(at(4'999ms)).empty());
  CHECK(g.expire(at(5s)) == list{"a", "b"});
  CHECK(g.shut(7)); // the reasons stay
  CHECK(g.expire(at(6s)) == list{"c"});
  CHECK(g.waiting() == 0);
}
