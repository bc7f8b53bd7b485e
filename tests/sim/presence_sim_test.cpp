// Presence over several nodes: who is here, while nodes come, go and stumble.
#include "tests/sim/presence_stage.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using argosy::address;
using argosy::address_kind;
using argosy::sim::numbers;
using argosy::sim::sim_world;
using argosy::sim::stage;
using argosy::sim::three;
using argosy::sim::visitor;
using namespace std::chrono_literals;

namespace {

/// The owner of the channel's tracker, a gateway that is not it, and the third.
struct roles {
  std::string owner;
  std::string gateway;
  std::string other;
};
roles roles_in(sim_world& world, const std::string& channel) {
  const address room{"default", address_kind::room, channel};
  roles r;
  r.owner = world.node("a").cluster().routes().placement()->owner(room.shard())->name;
  for (const auto& name : three)
    if (name != r.owner)
      (r.gateway.empty() ? r.gateway : r.other) = name;
  return r;
}

/// What keeps the user's sessions; null when the user is offline.
caf::strong_actor_ptr session_table_of(sim_world& world, const std::string& user) {
  const address at{"default", address_kind::user, user};
  const auto owner = world.node("a").cluster().routes().placement()->owner(at.shard())->name;
  return world.node(owner).actors().routes().find(at);
}

} // namespace

TEST_CASE("presence: whoever comes or leaves is seen from every node within a second") {
  stage s{1};
  const auto r = roles_in(s.world, "lobby");
  auto& w = s.enter(r.other, "watcher", "lobby");
  REQUIRE(s.reaches(w, {1, 1}, 1s));
  auto& ann = s.enter(r.gateway, "ann", "lobby");
  CHECK(s.reaches(w, {2, 2}, 1s));
  auto& again = s.enter(r.owner, "ann", "lobby");
  CHECK(s.reaches(w, {3, 2}, 1s));
  CHECK(w.pushes("join", "ann") == 2);
  ann.client().drop(1000);
  CHECK(s.reaches(w, {2, 2}, 1s));
  again.client().send_only(R"({"id":3,"unsubscribe":{"channel":"lobby"}})");
  CHECK(s.reaches(w, {1, 1}, 1s));
  CHECK(w.pushes("leave", "ann") == 2);
}

TEST_CASE("presence: of a gateway that was killed the clients go after the grace, others stay") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    stage s{seed};
    const auto r = roles_in(s.world, "lobby");
    auto& w = s.enter(r.other, "watcher", "lobby");
    s.enter(r.gateway, "ann", "lobby");
    s.enter(r.gateway, "bob", "lobby");
    s.enter(r.owner, "cyd", "lobby");
    REQUIRE(s.reaches(w, {4, 4}, 1s));
    w.forget();
    const auto killed = s.world.now();
    s.kill(r.gateway);
    CHECK(s.stays(w, 4, 9s));
    CHECK(w.pushes("leave") == 0);
    CHECK(s.reaches(w, {2, 2}, 15s - (s.world.now() - killed)));
    CHECK(w.pushes("leave", "ann") == 1);
    CHECK(w.pushes("leave", "bob") == 1);
    CHECK(w.pushes("leave") == 2);
    CHECK(s.stays(w, 2, 15s));
  }
}

TEST_CASE("presence: who flees from a dead gateway is never missed") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    stage s{seed};
    const auto r = roles_in(s.world, "lobby");
    auto& w = s.enter(r.other, "watcher", "lobby");
    s.enter(r.gateway, "ann", "lobby");
    REQUIRE(s.reaches(w, {2, 2}, 1s));
    w.forget();
    s.kill(r.gateway);
    s.run(std::chrono::milliseconds{seed * 200}); // before the view knows, or after
    s.enter(r.owner, "ann", "lobby");
    CHECK(s.stays(w, 2, 4s));
    CHECK(s.count(w) == numbers{2, 2});
    CHECK(w.pushes("join", "ann") == 1);
    CHECK(w.pushes("leave", "ann") == 1);
    CHECK(w.place("join") < w.place("leave"));
    CHECK(s.stays(w, 2, 15s));
    CHECK(w.pushes("leave") == 1);
  }
}

TEST_CASE("presence: a person who moves to another node within the linger is never missed") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    stage s{seed};
    const auto r = roles_in(s.world, "lobby");
    auto& w = s.enter(r.other, "watcher", "lobby");
    auto& ann = s.enter(r.gateway, "ann", "lobby");
    REQUIRE(s.reaches(w, {2, 2}, 1s));
    w.forget();
    const auto online = session_table_of(s.world, "ann");
    REQUIRE(online);
    ann.client().drop();
    CHECK(s.stays(w, 2, 5s));
    s.enter(r.other, "ann", "lobby");
    CHECK(s.count(w) == numbers{2, 2});
    CHECK(s.stays(w, 2, 15s));
    CHECK(session_table_of(s.world, "ann") == online); // all the time
    CHECK(w.pushes("join", "ann") == 1);
    CHECK(w.pushes("leave", "ann") == 1);
    CHECK(w.place("join") < w.place("leave"));
  }
}

TEST_CASE("presence: a person who does not come back is gone after the linger") {
  stage s{4};
  const auto r = roles_in(s.world, "lobby");
  auto& w = s.enter(r.other, "watcher", "lobby");
  auto& ann = s.enter(r.gateway, "ann", "lobby");
  REQUIRE(s.reaches(w, {2, 2}, 1s));
  w.forget();
  ann.client().drop();
  CHECK(s.stays(w, 2, 9s));
  CHECK(session_table_of(s.world, "ann"));
  CHECK(s.reaches(w, {1, 1}, 3s));
  CHECK(w.pushes("leave", "ann") == 1);
  CHECK_FALSE(session_table_of(s.world, "ann"));
}

TEST_CASE("presence: when a tracker's node dies, its successor knows who is here") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    stage s{seed};
    const auto r = roles_in(s.world, "lobby");
    auto& w = s.enter(r.other, "watcher", "lobby");
    s.enter(r.gateway, "ann", "lobby");
    s.enter(r.gateway, "ann", "lobby");
    s.enter(r.other, "bob", "lobby");
    REQUIRE(s.reaches(w, {4, 3}, 1s));
    w.forget();
    s.kill(r.owner);
    s.settle();
    CHECK(s.reaches(w, {4, 3}, 2s));
    CHECK(s.stays(w, 3, 15s));
    CHECK(s.count(w) == numbers{4, 3});
    CHECK(w.pushes("join") == 0);
    CHECK(w.pushes("leave") == 0);
  }
}

TEST_CASE("presence: a node that pauses for a second is not missed") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    stage s{seed};
    const auto r = roles_in(s.world, "lobby");
    auto& w = s.enter(r.other, "watcher", "lobby");
    s.enter(r.gateway, "ann", "lobby");
    REQUIRE(s.reaches(w, {2, 2}, 1s));
    w.forget();
    s.world.pause(r.gateway, 1s);
    CHECK(s.stays(w, 2, 12s));
    s.world.pause(r.owner, 1s);
    s.run(2s);
    CHECK(s.stays(w, 2, 12s));
    CHECK(w.pushes("join") == 0);
    CHECK(w.pushes("leave") == 0);
  }
}

TEST_CASE("presence: a node that joins and takes trackers over learns who is here") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    stage s{seed, 4};
    std::vector<visitor*> watchers;
    for (int i = 0; i < 12; ++i) {
      const auto room = "r" + std::to_string(i);
      watchers.push_back(&s.enter(three[static_cast<std::size_t>(i) % 3], "watcher", room));
      s.enter(three[static_cast<std::size_t>(i + 1) % 3], "ann", room);
    }
    // Somebody may be on the way back to each room while the trackers move.
    std::vector<visitor*> lost;
    for (int i = 0; i < 12; ++i)
      lost.push_back(&s.enter("a", "bob", "r" + std::to_string(i)));
    for (auto* w : watchers)
      w->forget();
    for (auto* v : lost)
      v->client().drop();
    s.world.start("d");
    s.settle();
    s.run(1s);
    for (auto* w : watchers)
      CHECK(s.count(*w) == numbers{3, 3});
    s.run(15s);
    for (auto* w : watchers) {
      CHECK(s.count(*w) == numbers{2, 2});
      CHECK(w->pushes("join") == 0);
      CHECK(w->pushes("leave", "bob") == 1);
      CHECK(w->pushes("leave") == 1);
    }
  }
}

TEST_CASE("presence: a node that comes back under its name starts with nobody") {
  stage s{6};
  const auto r = roles_in(s.world, "lobby");
  auto& w = s.enter(r.other, "watcher", "lobby");
  s.enter(r.gateway, "ann", "lobby");
  REQUIRE(s.reaches(w, {2, 2}, 1s));
  w.forget();
  s.kill(r.gateway);
  s.run(1s);
  s.world.start(r.gateway);
  s.settle();
  s.enter(r.gateway, "bob", "lobby");
  CHECK(s.reaches(w, {3, 3}, 1s));
  s.run(12s);
  CHECK(s.count(w) == numbers{2, 2});
  CHECK(w.pushes("leave", "ann") == 1);
  CHECK(w.pushes("leave") == 1);
}

TEST_CASE("presence: a short cut is not noticed, behind a long one nobody is counted") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    stage s{seed};
    const auto r = roles_in(s.world, "lobby");
    auto& w = s.enter(r.other, "watcher", "lobby");
    s.enter(r.gateway, "ann", "lobby");
    REQUIRE(s.reaches(w, {2, 2}, 1s));
    w.forget();
    const auto cut = [&] {
      for (const auto& name : {r.owner, r.other}) {
        const auto at = sim_world::address_of(r.gateway);
        s.world.network().cut(at, sim_world::address_of(name));
        s.world.network().cut(sim_world::address_of(name), at);
      }
    };
    cut();
    CHECK(s.stays(w, 2, 1500ms));
    s.world.network().heal();
    CHECK(s.stays(w, 2, 15s));
    CHECK(w.pushes("leave") == 0);
    CHECK(w.pushes("join") == 0);
    cut();
    CHECK(s.reaches(w, {1, 1}, 16s));
    CHECK(w.pushes("leave", "ann") == 1);
  }
}
