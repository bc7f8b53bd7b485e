// Presence: who is here, as a client may ask.
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using argosy::testing::open_channel;
using argosy::testing::test_client;
using argosy::testing::test_node;
using argosy::testing::test_setup;

namespace {

test_setup with_join_leave() {
  test_setup s;
  s.plain = open_channel();
  s.plain.join_leave = true;
  return s;
}

bool has(const test_client& c, std::string_view part) {
  return c.text().find(part) != std::string::npos;
}

} // namespace

TEST_CASE("presence: a client always sees its own arrival, however the steps interleave") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 choose{seed};
    test_node node{with_join_leave()};
    const auto c = node.open();
    c.connect("ann");
    c.send_only(R"({"id":2,"subscribe":{"channel":"a"}})");
    while (!has(c, R"("id":2)"))
      node.step(choose);
    c.send_only(R"({"id":3,"presence":{"channel":"a"}})");
    node.settle();
    CHECK(has(c, R"("user":"ann")"));
  }
}

TEST_CASE("presence: counts clients and distinct users, and forgets who has gone") {
  test_node node{with_join_leave()};
  std::vector<test_client> all;
  for (const auto* user : {"ann", "ann", "ben", ""}) {
    all.push_back(node.open());
    all.back().connect(user);
    all.back().send(R"({"id":2,"subscribe":{"channel":"a"}})");
  }
  all[2].take();
  all[2].send(R"({"id":3,"presence_stats":{"channel":"a"}})");
  CHECK(has(all[2], R"("presence_stats":{"num_clients":4,"num_users":3})"));
  all[0].drop();
  all[1].send(R"({"id":4,"unsubscribe":{"channel":"a"}})");
  all[2].take();
  all[2].send(R"({"id":5,"presence_stats":{"channel":"a"}})");
  CHECK(has(all[2], R"("presence_stats":{"num_clients":2,"num_users":2})"));
}

TEST_CASE("presence: joins and leaves reach those who asked, and nobody else") {
  test_node node{with_join_leave()};
  const auto curious = node.open();
  const auto calm = node.open();
  curious.connect("ann");
  curious.send(R"({"id":2,"subscribe":{"channel":"a","join_leave":true}})");
  calm.connect("ben");
  calm.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  const auto guest = node.open();
  guest.connect("cyd");
  guest.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  guest.drop();
  CHECK(has(curious, R"("join":{"info":{)"));
  CHECK(has(curious, R"("leave":{"info":{)"));
  CHECK(has(curious, R"("user":"cyd")"));
  CHECK_FALSE(has(calm, "\"join\""));
  CHECK_FALSE(has(calm, "\"leave\""));
}

TEST_CASE("presence: a channel without it says so") {
  test_setup setup;
  setup.plain = open_channel();
  setup.plain.presence = false;
  test_node node{setup};
  const auto c = node.open();
  c.connect();
  c.send(R"({"id":2,"presence":{"channel":"a"}})");
  CHECK(has(c, R"("code":108)"));
}

TEST_CASE("presence: in a large room nobody is told of joins and leaves, and counts stay exact") {
  auto setup = with_join_leave();
  setup.presence.announced_max = 3;
  test_node node{setup};
  std::vector<test_client> all;
  for (const auto* user : {"ann", "ben", "cyd", "dan", "eve"}) {
    all.push_back(node.open());
    all.back().connect(user);
    all.back().send(R"({"id":2,"subscribe":{"channel":"a","join_leave":true}})");
  }
  CHECK(has(all[0], R"("user":"cyd")"));
  CHECK_FALSE(has(all[0], R"("user":"dan")"));
  CHECK_FALSE(has(all[0], R"("user":"eve")"));
  all[0].take();
  all[4].drop();
  CHECK_FALSE(has(all[0], "\"leave\""));
  all[0].send(R"({"id":3,"presence_stats":{"channel":"a"}})");
  CHECK(has(all[0], R"("presence_stats":{"num_clients":4,"num_users":4})"));
  all[3].drop();
  all[2].drop();
  CHECK(has(all[0], "\"leave\""));
}

TEST_CASE("presence: joins and leaves are sent where nobody is listed, too") {
  auto setup = with_join_leave();
  setup.plain.presence = false;
  test_node node{setup};
  const auto curious = node.open();
  curious.connect("ann");
  curious.send(R"({"id":2,"subscribe":{"channel":"a","join_leave":true}})");
  const auto guest = node.open();
  guest.connect("cyd");
  guest.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  CHECK(has(curious, R"("join":{"info":{)"));
  guest.send(R"({"id":3,"unsubscribe":{"channel":"a"}})");
  CHECK(has(curious, R"("leave":{"info":{)"));
  CHECK(has(curious, R"("user":"cyd")"));
}
