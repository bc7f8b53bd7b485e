// The session protocol of a connection, as a client sees it.
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

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

} // namespace

TEST_CASE("connection: nothing is answered before connect, and the connection ends with 3501") {
  for (const auto* first :
       {R"({"id":1,"subscribe":{"channel":"a"}})", "nonsense", R"({"connect":{}})",
        R"({"id":1,"publish":{"channel":"a","data":1}})"}) {
    CAPTURE(first);
    test_node node{everything_allowed()};
    const auto c = node.open();
    c.send(first);
    CHECK(c.peer().close_code == 3501);
    CHECK(c.peer().received.empty());
  }
}

TEST_CASE("connection: a second connect ends it with 3501") {
  test_node node{everything_allowed()};
  const auto c = node.open();
  c.connect("ann");
  c.send(R"({"id":2,"connect":{}})");
  CHECK(c.peer().close_code == 3501);
}

TEST_CASE("connection: commands in the same breath as connect are answered behind it, in order") {
  test_node node{everything_allowed()};
  const auto c = node.open();
  c.send("{\"id\":1,\"connect\":{\"data\":{\"user\":\"ann\"}}}\n"
         "{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}\n"
         "{\"id\":3,\"publish\":{\"channel\":\"a\",\"data\":7}}");
  const auto got = c.take();
  REQUIRE(got.size() >= 3);
  CHECK(got[0].starts_with(R"({"id":1,"connect":{)"));
  const auto among = [&](std::string_view part) {
    return std::any_of(got.begin() + 1, got.end(),
                       [&](const auto& m) { return m.find(part) != std::string::npos; });
  };
  CHECK(among(R"("id":2,"subscribe")"));
  CHECK(among(R"("id":3,"publish")"));
  // The publication overtook the subscription on its way to the room, or it did not; either way the
  // client knows: it has it, or the position in the reply is behind it.
  CHECK((among(R"("pub":{)") || among(R"("offset":1)")));
}

// The first command was never answered, and an SDK waited for it until its timeout.
TEST_CASE("connection: an unsubscribe that overtakes its subscribe leaves no command unanswered") {
  test_node node{everything_allowed()};
  const auto c = node.open();
  c.connect("ann");
  c.take();
  c.send("{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}\n{\"id\":3,\"unsubscribe\":{\"channel\":"
         "\"a\"}}\n"
         "{\"id\":4,\"subscribe\":{\"channel\":\"a\"}}");
  const auto got = c.take();
  REQUIRE(got.size() == 3);
  CHECK(got[0].starts_with(R"({"id":2,"error":{"code":100,)"));
  CHECK(got[1] == R"({"id":3,"unsubscribe":{}})");
  CHECK(got[2].starts_with(R"({"id":4,"subscribe":{)"));
  c.send(R"({"id":5,"unsubscribe":{"channel":"a"}})");
  CHECK(c.text() == "{\"id\":5,\"unsubscribe\":{}}\n");
}

TEST_CASE("connection: silence after the upgrade ends it with 3502, a session stays") {
  test_node node{everything_allowed()};
  const auto silent = node.open();
  const auto talking = node.open();
  talking.connect();
  node.advance(9s);
  CHECK_FALSE(silent.peer().close_code);
  node.advance(2s);
  CHECK(silent.peer().close_code == 3502);
  CHECK_FALSE(talking.peer().close_code);
}

TEST_CASE("connection: a ping without its pong ends it with 3012, an uncalled pong with 3501") {
  test_node node{everything_allowed()};
  const auto good = node.open();
  const auto mute = node.open();
  const auto hasty = node.open();
  for (const auto& c : {good, mute, hasty})
    c.connect();
  hasty.send("{}");
  CHECK(hasty.peer().close_code == 3501);
  node.ping_all(false);
  CHECK(good.take() == std::vector<std::string>{"{}"});
  good.send("{}");
  node.ping_all(true);
  CHECK_FALSE(good.peer().close_code);
  CHECK(mute.peer().close_code == 3012);
}

TEST_CASE("connection: a peer that does not read ends as a slow consumer, nobody else notices") {
  test_node node{everything_allowed()};
  const auto slow = node.open();
  const auto fast = node.open();
  for (const auto& c : {slow, fast}) {
    c.connect();
    c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
    c.take();
  }
  slow.peer().full = true;
  fast.send(R"({"id":3,"publish":{"channel":"a","data":1}})");
  CHECK(slow.peer().close_code == 3008);
  CHECK(has(fast, R"("data":1)"));
  CHECK(node.services().metrics.loops[0].slow_closed.get() == 1);
}

TEST_CASE("connection: too fast is error 111, and past two hundred refusals the end with 3013") {
  auto setup = everything_allowed();
  setup.limits.commands = {1, 5};
  test_node node{setup};
  const auto c = node.open();
  c.connect();
  for (int i = 0; i < 6; ++i)
    c.send(R"({"id":2,"history":{"channel":"a"}})");
  CHECK(has(c, R"("code":111)"));
  CHECK_FALSE(c.peer().close_code);
  for (int i = 0; i < 210; ++i)
    c.send(R"({"id":2,"history":{"channel":"a"}})");
  CHECK(c.peer().close_code == 3013);
}

TEST_CASE("connection: each refusal has its code") {
  auto setup = everything_allowed();
  setup.limits.channels_max = 2;
  setup.spaces["closed"] = {};
  test_node node{setup};
  const auto c = node.open();
  c.connect();
  c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  c.take();
  const std::vector<std::pair<std::string, std::string>> table{
      {R"({"id":3,"subscribe":{"channel":"a"}})", "105"},
      {R"({"id":3,"subscribe":{"channel":"nowhere:a"}})", "102"},
      {R"({"id":3,"subscribe":{"channel":""}})", "107"},
      {R"({"id":3,"rpc":{"method":"x"}})", "108"},
      {R"({"id":3,"fly":{}})", "104"},
      {R"({"id":3,"history":{"channel":"a","limit":-2}})", "107"},
      {R"({"id":3,"publish":{"channel":"a","data":1,"class":"news"}})",
       "107,\"message\":\"the class of a publication is event or latest\""},
      {R"({"id":3,"sub_refresh":{"channel":"b","token":"x"}})", "103"},
      {R"({"id":3,"subscribe":{"channel":"b"}})", ""},
      {R"({"id":3,"subscribe":{"channel":"c"}})", "106"},
  };
  for (const auto& [command, code] : table) {
    CAPTURE(command);
    c.send(command);
    CHECK(has(c, "\"error\":{\"code\":" + code) == !code.empty());
    c.take();
  }
}

TEST_CASE("gateway: an address has so many sockets and so many a second, others have their own") {
  auto setup = everything_allowed();
  setup.admission.connections_per_ip_max = 2;
  test_node capped{setup};
  CHECK(capped.door().may_enter("192.0.2.1"));
  CHECK(capped.door().may_enter("192.0.2.1"));
  CHECK_FALSE(capped.door().may_enter("192.0.2.1"));
  CHECK(capped.door().may_enter("192.0.2.2"));
  capped.door().left("192.0.2.1");
  CHECK(capped.door().may_enter("192.0.2.1"));

  setup.admission = {0, {0.001, 3}, {}};
  test_node paced{setup};
  for (int i = 0; i < 3; ++i) {
    CHECK(paced.door().may_enter("192.0.2.1"));
    paced.door().left("192.0.2.1");
  }
  CHECK_FALSE(paced.door().may_enter("192.0.2.1"));
  CHECK(paced.door().may_enter("192.0.2.2"));
}

TEST_CASE("connection: what it held is gone when its socket is") {
  test_node node{everything_allowed()};
  {
    const auto c = node.open();
    c.connect("ann");
    c.send(R"({"id":2,"subscribe":{"channel":"a"}})");
    CHECK(node.routes().count(argosy::address_kind::user) == 1);
    c.drop();
  }
  CHECK(node.routes().count(argosy::address_kind::user) == 0);
  CHECK(node.services().metrics.speakers[0].get() == 0);
}
