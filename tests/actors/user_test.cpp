// Users: sessions over devices, the personal room, and what the server API asks of them.
#include "runtime/messages/room.hpp"
#include "runtime/messages/user.hpp"
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>

using argosy::address;
using argosy::address_kind;
using argosy::command_sessions;
using argosy::testing::open_channel;
using argosy::testing::test_client;
using argosy::testing::test_node;
using argosy::testing::test_setup;

namespace {

bool has(const test_client& c, std::string_view part) {
  return c.text().find(part) != std::string::npos;
}

test_setup everything_allowed() {
  test_setup s;
  s.plain = open_channel();
  return s;
}

address user(std::string_view name) {
  return {"default", address_kind::user, name};
}

} // namespace

TEST_CASE("user: the personal room comes with the connection and reaches every device") {
  test_node node{everything_allowed()};
  const auto phone = node.open();
  const auto laptop = node.open();
  const auto stranger = node.open();
  phone.send(R"({"id":1,"connect":{"data":{"user":"ann"}}})");
  CHECK(has(phone, R"("subs":{"user:ann":{)"));
  laptop.connect("ann");
  stranger.connect("ben");
  stranger.send(R"({"id":2,"publish":{"channel":"user:ann","data":"hi"}})");
  CHECK(has(phone, R"("channel":"user:ann","pub":{"data":"hi")"));
  CHECK(has(laptop, R"("data":"hi")"));
  CHECK_FALSE(has(stranger, R"("pub")"));
  stranger.take();
  stranger.send(R"({"id":3,"subscribe":{"channel":"user:ann"}})");
  CHECK(has(stranger, R"("code":103)"));
}

TEST_CASE("user: the personal room takes no place among the channels of a connection") {
  auto setup = everything_allowed();
  setup.limits.channels_max = 1;
  test_node node{setup};
  const auto c = node.open();
  c.connect("ann");
  c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  CHECK_FALSE(has(c, R"("error")"));
  c.take();
  c.send(R"({"id":3,"subscribe":{"channel":"b"}})");
  CHECK(has(c, R"("code":106)"));
  c.take();
  c.send(R"({"id":4,"unsubscribe":{"channel":"user:ann"}})");
  c.take();
  c.send(R"({"id":5,"subscribe":{"channel":"user:ann"}})"); // the cap is reached, and no matter
  CHECK_FALSE(has(c, R"("error")"));
}

TEST_CASE("user: the cap on connections is exact, and a freed place is a place") {
  auto setup = everything_allowed();
  setup.limits.connections_per_user_max = 2;
  test_node node{setup};
  const auto a = node.open();
  const auto b = node.open();
  const auto c = node.open();
  for (const auto& one : {a, b, c})
    one.send(R"({"id":1,"connect":{"data":{"user":"ann"}}})");
  CHECK(has(a, R"("connect":{)"));
  CHECK(has(b, R"("connect":{)"));
  CHECK(c.peer().close_code == 3504);
  a.drop();
  const auto d = node.open();
  d.send(R"({"id":1,"connect":{"data":{"user":"ann"}}})");
  CHECK(has(d, R"("connect":{)"));
}

TEST_CASE("user: where the oldest gives way, the newcomer is let in and the oldest is told") {
  auto setup = everything_allowed();
  setup.limits.connections_per_user_max = 2;
  setup.limits.oldest_session_gives_way = true;
  test_node node{setup};
  const auto a = node.open();
  const auto b = node.open();
  const auto c = node.open();
  for (const auto& one : {a, b, c})
    one.send(R"({"id":1,"connect":{"data":{"user":"ann"}}})");
  CHECK(a.peer().close_code == 3504);
  CHECK_FALSE(b.peer().close_code);
  CHECK(has(c, R"("connect":{)"));
  node.loop().finish_closes();
  node.settle();
  node.routes().route_if_active(user("ann"), argosy::publish_user{{}, "1", nullptr, {}});
  node.settle();
  CHECK(has(b, R"("data":1)"));
  CHECK(has(c, R"("data":1)"));
}

TEST_CASE(
    "user: a session that ends while another begins is never lost, however the steps interleave") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 choose{seed};
    test_node node{everything_allowed()};
    const auto first = node.open();
    first.connect("ann");
    const auto second = node.open();
    node.loop().close({0, 1}, 1006, "");
    if (choose() % 2 == 0)
      node.loop().finish_closes();
    second.send_only(R"({"id":1,"connect":{"data":{"user":"ann"}}})");
    for (auto steps = choose() % 5; steps > 0; --steps)
      node.step(choose);
    node.settle();
    node.routes().route_if_active(user("ann"), argosy::publish_user{{}, "1", nullptr, {}});
    node.settle();
    CHECK(node.routes().count(address_kind::user) == 1);
    CHECK(has(second, R"("data":1)"));
  }
}

TEST_CASE("user: the server may subscribe, unsubscribe and disconnect all devices") {
  test_node node{everything_allowed()};
  const auto a = node.open();
  const auto b = node.open();
  a.connect("ann");
  b.connect("ann");
  const auto order = [&](command_sessions::what verb, std::string channel, std::uint32_t code) {
    node.routes().route_if_active(
        user("ann"), command_sessions{{}, {}, verb, std::move(channel), code, "bye", 0});
    node.settle();
  };
  order(command_sessions::what::subscribe, "news", 0);
  CHECK(has(a, R"("channel":"news","subscribe":{)"));
  b.take();
  a.send(R"({"id":2,"publish":{"channel":"news","data":5}})");
  CHECK(has(b, R"("channel":"news","pub":{"data":5)"));
  order(command_sessions::what::unsubscribe, "news", 0);
  CHECK(has(b, R"("unsubscribe":{"code":2000)"));
  order(command_sessions::what::disconnect, "", 3500);
  CHECK(a.peer().close_code == 3500);
  CHECK(b.peer().close_code == 3500);
  CHECK(node.routes().count(address_kind::user) == 0);
}

// Seed 910714 of the simulation: the shard went, came back and went again before the user or the
// tracker had handled the first news. Each of both letters waited until it was the last one.
TEST_CASE("user, presence: who hears twice that its shard is lost goes once") {
  test_node node{everything_allowed()};
  const auto c = node.open();
  c.connect("ann");
  c.send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
  const auto tracker = argosy::tracker_of(address{"default", address_kind::room, "lobby"});
  for (const auto& at : {user("ann"), tracker}) {
    const auto actor = node.routes().find(at);
    REQUIRE(actor);
    argosy::tell(actor, argosy::shard_lost{});
    argosy::tell(actor, argosy::shard_lost{});
    std::mt19937 choose{1};
    CHECK_NOTHROW(node.pass(std::chrono::milliseconds{1}, choose));
    CHECK_FALSE(node.routes().find(at));
  }
}
