// Rooms that many nodes listen to, told in two steps, seen by their clients.
#include "runtime/cluster/relay_tree.hpp"
#include "runtime/room_behavior.hpp"
#include "tests/sim/fleet_talk.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using argosy::cluster::relay_branch;
using argosy::sim::everything_allowed;
using argosy::sim::found;
using argosy::sim::has;
using argosy::sim::listen_at;
using argosy::sim::sim_world;
using argosy::testing::test_client;
using namespace std::chrono_literals;

namespace {

const argosy::address lobby{"default", argosy::address_kind::room, "lobby"};
constexpr std::uint32_t relay_above = 2;

argosy::testing::test_setup relaying(bool keeps = true) {
  auto setup = everything_allowed();
  setup.plain.history_size = keeps ? 300 : 0;
  setup.plain.force_recovery = keeps;
  setup.relay_above = relay_above;
  return setup;
}

/// One listener a node.
struct audience {
  explicit audience(sim_world& in) : world(in) {
    for (const auto& name : world.running()) {
      listeners.push_back(listen_at(world, name));
      listeners.back().take();
    }
  }

  std::string owner() {
    return world.node("a").cluster().routes().placement()->owner(lobby.shard())->name;
  }
  test_client& at(const std::string& name) {
    return listeners[static_cast<std::size_t>(name.front() - 'a')];
  }
  void publish(int n) {
    at(owner()).send_only(R"({"id":3,"publish":{"channel":"lobby","data":"n)" + std::to_string(n)
                          + R"("}})");
  }
  /// By which the owner tells the others now.
  std::vector<relay_branch> tree() {
    std::vector<argosy::cluster::node_identity> others;
    for (const auto& name : world.running())
      if (name != owner())
        others.push_back(world.node(name).id());
    return argosy::cluster::relay_tree(others, lobby.hash(), world.node("a").view_no(),
                                       {relay_above});
  }

  sim_world& world;
  std::vector<test_client> listeners;
};

/// Where "n1", "n2" … stand in what the client has got, each once and in order.
bool has_all_in_order(const test_client& c, int last) {
  const auto text = c.text();
  std::size_t from = 0;
  for (int n = 1; n <= last; ++n) {
    const auto what = R"("data":"n)" + std::to_string(n) + "\"";
    const auto at = text.find(what, from);
    if (at == std::string::npos || text.find(what, at + 1) != std::string::npos)
      return false;
    from = at;
  }
  return true;
}

} // namespace

TEST_CASE("relay: a room of many nodes tells a few, and each of them tells its share") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 8, 3, relaying(seed % 2 == 0)};
    found(world);
    audience all{world};
    REQUIRE(all.tree().size() == 3); // of seven others
    auto& fans = world.node(all.owner()).actors().services().metrics.fans;
    const auto before = fans.get();
    for (int n = 1; n <= 20; ++n) {
      all.publish(n);
      world.run(5ms);
    }
    world.run(200ms);
    CHECK(fans.get() - before == 20 * (1 + 3)); // its own replica, and three relays
    for (const auto& l : all.listeners)
      CHECK(has_all_in_order(l, 20));
  }
}

TEST_CASE("relay: what a relay took with it when it died reaches those it should have told") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 8, 3, relaying()};
    found(world);
    audience all{world};
    const auto branch = all.tree().front();
    REQUIRE_FALSE(branch.share.empty());
    for (int n = 1; n <= 40; ++n) {
      all.publish(n);
      world.run(20ms);
      if (n == 10)
        world.kill(branch.node.name);
    }
    REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
    world.run(8s); // the room tells where it stands
    for (const auto& name : world.running())
      CHECK(has_all_in_order(all.at(name), 40));
  }
}

TEST_CASE("relay: a room without history says what a relay took with it, and goes on") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 8, 3, relaying(false)};
    found(world);
    audience all{world};
    const auto branch = all.tree().front();
    REQUIRE_FALSE(branch.share.empty());
    for (int n = 1; n <= 20; ++n) {
      all.publish(n);
      if (n == 10)
        world.kill(branch.node.name);
      world.run(20ms);
    }
    world.run(4s); // nobody is told of it as the room's successor
    for (const auto& name : world.running()) {
      CAPTURE(name);
      const auto& l = all.at(name);
      CHECK((has_all_in_order(l, 20) || has(l, R"("unsubscribe":{"code":2500)")));
      l.take();
      l.send_only(R"({"id":4,"unsubscribe":{"channel":"lobby"}})");
      l.send_only(R"({"id":5,"subscribe":{"channel":"lobby"}})");
    }
    world.run(500ms);
    all.publish(1);
    world.run(500ms);
    for (const auto& name : world.running())
      CHECK(has_all_in_order(all.at(name), 1));
  }
}

TEST_CASE("relay: what comes by a slow way is waited for where it cannot be asked for") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim_world world{seed, 9, 3, relaying(false)};
    for (const auto* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
      world.start(name);
    REQUIRE(world.run_until([&] { return world.settled(); }, 10s));
    audience all{world};
    const auto relay = all.tree().front();
    REQUIRE_FALSE(relay.share.empty());
    for (const auto& node : relay.share)
      world.network().slow(sim_world::address_of(relay.node.name), sim_world::address_of(node.name),
                           400ms);
    world.start("i"); // other relays, by the next view
    for (int n = 1; n <= 60; ++n) {
      all.publish(n);
      world.run(10ms);
    }
    world.run(3s);
    for (const auto& name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
      CAPTURE(name);
      CHECK(has_all_in_order(all.at(name), 60));
      CHECK_FALSE(has(all.at(name), R"("unsubscribe")"));
    }
  }
}

TEST_CASE("relay: a relay out of the owner's reach does not keep its share from hearing") {
  sim_world world{4, 8, 3, relaying()};
  found(world);
  audience all{world};
  const auto branch = all.tree().front();
  const auto there = sim_world::address_of(branch.node.name);
  world.network().cut(sim_world::address_of(all.owner()), there);
  world.network().reset(sim_world::address_of(all.owner()), there);
  world.run(100ms);
  all.publish(1);
  world.run(200ms);
  for (const auto& node : branch.share)
    CHECK(has_all_in_order(all.at(node.name), 1));
}

TEST_CASE("relay: a room that fails says so to all nodes, and they hear its successor") {
  struct moody final : argosy::room_behavior {
    argosy::errc on_publish(argosy::room_context& room, argosy::publish_offer& offer) override {
      if (offer.data.find("boom") != std::string::npos)
        throw std::runtime_error{"boom"};
      return room_behavior::on_publish(room, offer);
    }
  };
  sim_world world{2, 4, 3, relaying()};
  found(world);
  for (const auto& name : world.running())
    world.node(name).actors().services().behaviors = [](std::string_view) {
      return std::make_unique<moody>();
    };
  audience all{world};
  all.at(all.owner()).send_only(R"({"id":9,"publish":{"channel":"lobby","data":"boom"}})");
  world.run(500ms);
  for (const auto& l : all.listeners) { // the room has a new epoch
    CHECK(has(l, R"("unsubscribe":{"code":2500)"));
    l.send_only(R"({"id":4,"subscribe":{"channel":"lobby"}})");
  }
  world.run(200ms);
  all.publish(1);
  world.run(200ms);
  for (const auto& l : all.listeners)
    CHECK(has_all_in_order(l, 1));
}
