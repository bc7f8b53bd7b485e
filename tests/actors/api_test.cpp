// The server API: what comes in is published as it was written, and each question has its answer.
#include "actors/gateway/api_actor.hpp"
#include "actors/gateway/api_params.hpp"
#include "tests/actors/test_node.hpp"

#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>

using argosy::api_params;
using argosy::testing::open_channel;
using argosy::testing::test_node;
using argosy::testing::test_setup;

namespace {

struct backend {
  test_node node{setup()};
  caf::strong_actor_ptr api = caf::actor_cast<caf::strong_actor_ptr>(
      node.system().spawn<argosy::api_actor>(node.services()));

  ~backend() {
    caf::anon_send_exit(api, caf::exit_reason::user_shutdown);
    node.settle();
  }
  static test_setup setup() {
    test_setup s;
    s.plain = open_channel();
    return s;
  }
  argosy::http_response call(std::string method, std::string body) {
    std::optional<argosy::http_response> answer;
    argosy::tell(api, argosy::api_request{std::move(method), std::move(body), "default",
                                          [&](argosy::http_response r) { answer = std::move(r); }});
    node.settle();
    REQUIRE(answer);
    return *answer;
  }
};

} // namespace

TEST_CASE("api: a payload is published as it was written, on one line") {
  backend b;
  const auto reader = b.node.open();
  reader.connect();
  reader.send(R"({"id":2,"subscribe":{"channel":"a"}})");
  reader.take();
  b.call("publish", "{\"channel\":\"a\",\"data\":{\"n\":1.10,\n\"big\":12345678901234567890123}}");
  const auto got = reader.take();
  REQUIRE(got.size() == 1);
  CHECK(got[0].find(R"("data":{"n":1.10, "big":12345678901234567890123})") != std::string::npos);
  CHECK(got[0].find('\n') == std::string::npos);
}

TEST_CASE("api: bytes that are not JSON come back as base64, never as broken JSON") {
  backend b;
  CHECK(b.call("publish", R"({"channel":"a","b64data":"/wA="})").status == 200);
  CHECK(b.call("history", R"({"channel":"a","limit":-1})").body.find(R"("b64data":"/wA=")")
        != std::string::npos);
}

TEST_CASE("api: batch and broadcast answer part by part, in order") {
  backend b;
  const auto batch = b.call("batch", R"({"commands":[{"publish":{"channel":"a","data":1}},
    {"fly":{}},{"batch":{}},{"history":{"channel":"a","limit":10}}]})");
  CHECK(batch.body.starts_with(R"({"replies":[{"publish":{"offset":1,)"));
  CHECK(batch.body.find(R"({"error":{"code":104)") != std::string::npos);
  CHECK(batch.body.find(R"({"error":{"code":107)") != std::string::npos);
  const auto cast = b.call("broadcast", R"({"channels":["b","","c"],"data":[1]})");
  CHECK(cast.body.starts_with(R"({"result":{"responses":[{"result":{"offset":1,)"));
  CHECK(cast.body.find(R"({"error":{"code":107)") != std::string::npos);
}

TEST_CASE("api: a bad body is one clear sentence") {
  backend b;
  for (const auto* body : {"{", "[]", "7", R"({"channel":)", "\xff"}) {
    CAPTURE(body);
    CHECK(b.call("publish", body).status == 400);
  }
  CHECK(b.call("fly", "{}").status == 404);
  CHECK(b.call("publish", R"({"channel":"a"})").body.find("data is missing") != std::string::npos);
}

TEST_CASE("api_params: members keep their text; wrong types read as missing") {
  const auto p = api_params::parse(R"({"s":"a\"b","n":-5,"t":true,"o":{"x":1},"l":[1,"two",{}]})");
  REQUIRE(p);
  CHECK(p->text("s") == "a\"b");
  CHECK(p->text("n").empty());
  CHECK(p->number("n", 0) == -5);
  CHECK(p->number("s", 9) == 9);
  CHECK(p->flag("t"));
  CHECK_FALSE(p->flag("n"));
  CHECK(p->object("o")->number("x", 0) == 1);
  CHECK_FALSE(p->object("l"));
  CHECK(p->list("l") == std::vector<std::string>{"1", "\"two\"", "{}"});
  CHECK(p->list("s").empty());
  CHECK(p->raw("missing").empty());
  CHECK_FALSE(api_params::parse("{\"a\":tru}"));
}
