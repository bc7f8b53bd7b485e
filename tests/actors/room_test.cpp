// Rooms: order, recovery, the meeting of a subscribe with publications under way, and coming and
// going.
#include "runtime/messages/room.hpp"
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <map>
#include <random>
#include <string>

using argosy::address;
using argosy::address_kind;
using argosy::testing::open_channel;
using argosy::testing::test_client;
using argosy::testing::test_node;
using argosy::testing::test_setup;
using namespace std::chrono_literals;

namespace {

test_setup everything_allowed() {
  test_setup s;
  s.plain = open_channel();
  return s;
}

bool has(const test_client& c, std::string_view part) {
  return c.text().find(part) != std::string::npos;
}

std::string epoch_in(const std::string& text) {
  const auto at = text.find(R"("epoch":")");
  REQUIRE(at != std::string::npos);
  return text.substr(at + 9, 8);
}

/// Offsets of the publications in the order in which the client came to know them: those of the
/// subscribe reply first, then the pushes. Fails if a push came before the reply.
std::vector<std::uint64_t> offsets_seen(const test_client& c, std::uint64_t& position) {
  std::vector<std::uint64_t> out;
  simdjson::dom::parser parser;
  bool subscribed = false;
  for (const auto& m : c.peer().received) {
    const auto json = parser.parse(m);
    std::uint64_t offset = 0;
    if (json["push"]["pub"]["offset"].get(offset) == simdjson::SUCCESS) {
      CHECK(subscribed);
      out.push_back(offset);
    } else if (json["subscribe"].error() == simdjson::SUCCESS) {
      subscribed = true;
      position = 0;
      if (json["subscribe"]["offset"].get(position) != simdjson::SUCCESS)
        position = 0;
      simdjson::dom::array missed;
      if (json["subscribe"]["publications"].get(missed) == simdjson::SUCCESS)
        for (const auto p : missed)
          out.push_back(std::uint64_t{p["offset"]});
    }
  }
  return out;
}

/// A behaviour that throws at a word, and refuses or rewrites at others.
class moody final : public argosy::room_behavior {
public:
  argosy::errc on_publish(argosy::room_context&, argosy::publish_offer& offer) override {
    if (offer.data == R"("throw")")
      throw std::runtime_error{"as you wish"};
    if (offer.data == R"("refuse")")
      return argosy::errc::permission_denied;
    if (offer.data == R"("rewrite")")
      offer.data = R"("rewritten")";
    return argosy::errc::none;
  }
};

} // namespace

TEST_CASE("room: publisher and subscribers get the publication, with offsets from 1 on") {
  test_node node{everything_allowed()};
  const auto a = node.open();
  const auto b = node.open();
  for (const auto& c : {a, b}) {
    c.connect();
    c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
    c.take();
  }
  a.send(R"({"id":3,"publish":{"channel":"a","data":{"n":1.50,"big":12345678901234567890123}}})");
  a.send(R"({"id":4,"publish":{"channel":"a","data":2}})");
  for (const auto& c : {a, b}) {
    CHECK(has(c, R"("data":{"n":1.50,"big":12345678901234567890123})"));
    CHECK(has(c, R"("offset":1,"time")"));
    CHECK(has(c, R"("offset":2,"time")"));
  }
  CHECK(has(a, R"({"id":3,"publish":{)"));
}

TEST_CASE(
    "room: a subscriber misses nothing and sees nothing twice, however the steps interleave") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 choose{seed};
    test_node node{everything_allowed()};
    const auto publisher = node.open();
    const auto reader = node.open();
    publisher.connect();
    reader.connect();
    const unsigned total = 30;
    const auto subscribe_at = static_cast<unsigned>(choose() % total);
    for (unsigned n = 0; n < total; ++n) {
      publisher.send_only(R"({"id":5,"publish":{"channel":"a","data":1}})");
      if (n == subscribe_at)
        reader.send_only(R"({"id":6,"subscribe":{"channel":"a"}})");
      for (auto steps = choose() % 6; steps > 0; --steps)
        node.step(choose);
    }
    node.settle();
    std::uint64_t position = 0;
    const auto seen = offsets_seen(reader, position);
    REQUIRE(seen.size() == total - position);
    for (std::size_t i = 0; i < seen.size(); ++i)
      REQUIRE(seen[i] == position + i + 1);
  }
}

TEST_CASE("room: whoever comes back gets what was missed, or is told that it cannot be") {
  test_node node{everything_allowed()};
  const auto publisher = node.open();
  const auto reader = node.open();
  publisher.connect();
  reader.connect();
  reader.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  const auto epoch = epoch_in(reader.text());
  reader.drop();
  for (int i = 0; i < 3; ++i)
    publisher.send(R"({"id":3,"publish":{"channel":"a","data":1}})");

  struct row {
    std::string asks;
    bool recovered;
    std::size_t missed;
  };
  const std::vector<row> table{
      {R"("recover":true,"epoch":")" + epoch + R"(","offset":0)", true, 3},
      {R"("recover":true,"epoch":")" + epoch + R"(","offset":2)", true, 1},
      {R"("recover":true,"epoch":")" + epoch + R"(","offset":3)", true, 0},
      {R"("recover":true,"epoch":")" + epoch + R"(","offset":4)", false, 0},
      {R"("recover":true,"epoch":"other","offset":3)", false, 0},
      {R"("recover":true,"epoch":"_","offset":0)", false, 0},
  };
  for (const auto& r : table) {
    CAPTURE(r.asks);
    const auto again = node.open();
    again.connect();
    again.send(R"({"id":2,"subscribe":{"channel":"a",)" + r.asks + "}}");
    CHECK(has(again, R"("was_recovering":true)"));
    CHECK(has(again, R"("recovered":true)") == r.recovered);
    std::uint64_t position = 0;
    CHECK(offsets_seen(again, position).size() == r.missed);
  }
  const auto strict = node.open();
  strict.connect();
  strict.send(
      R"({"id":2,"subscribe":{"channel":"a","recover":true,"epoch":"x","offset":1,"flag":2}})");
  CHECK(has(strict, R"("code":112)"));
}

TEST_CASE("room: who publishes in the same breath as it subscribes hears itself, in order") {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 choose{seed};
    test_node node{everything_allowed()};
    const auto c = node.open();
    c.connect("ann");
    c.send_only(R"({"id":2,"subscribe":{"channel":"lobby"}})"
                "\n"
                R"({"id":3,"publish":{"channel":"lobby","data":"one"}})"
                "\n"
                R"({"id":4,"publish":{"channel":"lobby","data":"two"}})"
                "\n"
                R"({"id":5,"subscribe":{"channel":"other"}})"
                "\n"
                R"({"id":6,"publish":{"channel":"other","data":"three"}})"
                "\n"
                R"({"id":7,"unsubscribe":{"channel":"other"}})");
    for (int i = 0; i < 60; ++i)
      node.step(choose);
    node.settle();
    const auto text = c.text();
    const auto one = text.find(R"("data":"one")");
    const auto two = text.find(R"("data":"two")");
    CHECK(text.find(R"("id":2,"subscribe")") < one);
    CHECK(one < two);
    CHECK(two != std::string::npos);
    CHECK(has(c, R"("id":3,"publish")"));
    CHECK(has(c, R"("id":6,"publish")"));
  }
}

TEST_CASE("room: a retry with the same idempotency key is answered, not published again") {
  test_node node{everything_allowed()};
  const auto c = node.open();
  c.connect();
  for (int i = 0; i < 2; ++i)
    c.send(R"({"id":2,"publish":{"channel":"a","data":1,"idempotency_key":"k"}})");
  c.send(R"({"id":3,"history":{"channel":"a","limit":10}})");
  CHECK(has(c, R"("offset":1})"));
  CHECK(node.services().metrics.published.get() == 1);
  CHECK(node.services().metrics.deduplicated.get() == 1);
}

// A process that had been stopped for seconds woke up, found the publications that waited for it,
// and acknowledged them before its next tick told it that its lease was over.
TEST_CASE("room: acknowledges nothing once the lease is over, though nobody has said so yet") {
  test_node node{everything_allowed()};
  node.services().acts_until.store(node.services().system.clock().now() + 3s);
  const auto c = node.open();
  c.connect();
  c.send(R"({"id":2,"publish":{"channel":"a","data":1}})");
  CHECK(has(c, R"({"id":2,"publish":{)"));
  node.advance(3s);
  c.send(R"({"id":3,"publish":{"channel":"a","data":2}})");
  CHECK(has(c, R"({"id":3,"error":{"code":100)"));
  CHECK(node.services().metrics.published.get() == 1);
}

TEST_CASE("room: one message per interested node and publication, whatever the audience") {
  test_node node{everything_allowed()};
  std::vector<test_client> audience;
  for (int i = 0; i < 50; ++i) {
    audience.push_back(node.open());
    audience.back().connect();
    audience.back().send(R"({"id":2,"subscribe":{"channel":"a"}})");
  }
  const auto before = node.services().metrics.fans.get();
  const auto encoded = node.services().metrics.encoded.get();
  audience[0].send(R"({"id":3,"publish":{"channel":"a","data":1}})");
  CHECK(node.services().metrics.fans.get() == before + 1);
  CHECK(node.services().metrics.encoded.get() == encoded + 1);
}

TEST_CASE("room: an audience longer than a slice is served once each, and may leave meanwhile") {
  test_node node{everything_allowed()};
  std::vector<test_client> audience;
  for (int i = 0; i < 1300; ++i) {
    audience.push_back(node.open());
    audience.back().connect();
    audience.back().send_only(R"({"id":2,"subscribe":{"channel":"a"}})");
  }
  node.settle();
  for (const auto& c : audience)
    c.take();
  const auto publisher = node.open();
  publisher.connect();
  publisher.send_only(R"({"id":3,"publish":{"channel":"a","data":1}})");
  std::mt19937 choose{7};
  for (int i = 0; i < 8; ++i)
    node.step(choose);
  for (std::size_t i = 0; i < audience.size(); i += 3)
    audience[i].send_only(R"({"id":4,"unsubscribe":{"channel":"a"}})");
  node.settle();
  for (std::size_t i = 0; i < audience.size(); ++i) {
    const auto got = audience[i].take();
    const auto pubs = std::count_if(got.begin(), got.end(), [](const auto& m) {
      return m.find("\"pub\"") != std::string::npos;
    });
    if (i % 3 == 0)
      CHECK(pubs <= 1);
    else
      CHECK(pubs == 1);
  }
}

TEST_CASE(
    "room: nobody there and nothing promised, and it leaves the board; a message brings it back") {
  auto setup = everything_allowed();
  setup.plain.history_ttl = 30s;
  setup.plain.dedupe_window = 1s;
  setup.plain.passivate_after = 60s;
  test_node node{setup};
  const auto c = node.open();
  c.connect("ann");
  c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  c.send(R"({"id":3,"publish":{"channel":"a","data":1}})");
  node.advance(10min);
  CHECK(node.routes().count(address_kind::room) == 1);
  c.send(R"({"id":4,"unsubscribe":{"channel":"a"}})");
  node.advance(11s);
  CHECK(node.routes().count(address_kind::replica) == 0);
  node.advance(2min);
  node.advance(2min);
  CHECK(node.routes().count(address_kind::room) == 0);
  c.take();
  c.send(R"({"id":5,"subscribe":{"channel":"a"}})");
  c.send(R"({"id":6,"publish":{"channel":"a","data":2}})");
  CHECK(has(c, R"("data":2)"));
  CHECK(has(c, R"("offset":1,"time")"));
}

TEST_CASE("room: a behaviour may refuse and rewrite; what it throws ends the room, not the node") {
  test_node node{everything_allowed()};
  node.services().behaviors = [](std::string_view) { return std::make_unique<moody>(); };
  const auto c = node.open();
  c.connect();
  c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  const auto epoch = epoch_in(c.text());
  c.take();
  const auto served = node.open(); // subscribed by a backend
  served.connect("dan");
  node.routes().route_if_active(
      {"default", address_kind::user, "dan"},
      argosy::command_sessions{{}, {}, argosy::session_verb::subscribe, "a", 0, {}, 0});
  node.settle();
  CHECK(has(served, R"("channel":"a","subscribe":{)"));
  c.send(R"({"id":3,"publish":{"channel":"a","data":"refuse"}})");
  CHECK(has(c, R"("code":103)"));
  c.send(R"({"id":4,"publish":{"channel":"a","data":"rewrite"}})");
  CHECK(has(c, R"("data":"rewritten")"));
  c.take();
  c.send(R"({"id":5,"publish":{"channel":"a","data":"throw"}})");
  CHECK(node.services().metrics.actor_failures.get() == 1);
  CHECK(has(c, R"("unsubscribe":{"code":2500)"));
  CHECK(served.peer().close_code == 3010);
  c.take();
  c.send(R"({"id":6,"subscribe":{"channel":"a"}})");
  CHECK(epoch_in(c.text()) != epoch);
  c.send(R"({"id":7,"publish":{"channel":"a","data":8}})");
  CHECK(has(c, R"("data":8)"));
  CHECK(has(c, R"("offset":1,"time")"));
}

TEST_CASE("room: the server API's history_remove empties the past and keeps the position") {
  test_node node{everything_allowed()};
  const auto c = node.open();
  c.connect();
  c.send(R"({"id":2,"publish":{"channel":"a","data":1}})");
  node.routes().route(address{"default", address_kind::room, "a"}, argosy::clear_history{});
  node.settle();
  c.take();
  c.send(R"({"id":3,"history":{"channel":"a","limit":-1}})");
  CHECK(has(c, R"("offset":1)"));
  CHECK_FALSE(has(c, R"("data":1)"));
}
