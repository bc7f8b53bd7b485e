// The server API: what comes in is published as it was written, and each question has its answer.
#include "actors/gateway/api_actor.hpp"
#include "actors/gateway/api_params.hpp"
#include "actors/gateway/api_query.hpp"
#include "runtime/messages/link.hpp"
#include "tests/actors/test_node.hpp"

#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

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

/// A cluster of which nobody can be reached.
struct all_gone final : argosy::elsewhere {
  void forward(argosy::place, const argosy::address&, argosy::routed_message what) override {
    std::visit(
        [](auto& m) {
          if constexpr (requires { m.origin; })
            argosy::give_up<std::decay_t<decltype(m)>>(m.origin);
        },
        what);
  }
};

} // namespace

TEST_CASE("api: an owner that cannot be reached is an error, never an empty success") {
  backend b;
  all_gone rest;
  b.node.routes().join(rest);
  for (std::uint32_t shard = 0; shard < argosy::shard_count; ++shard)
    b.node.routes().put(shard, argosy::nowhere);
  for (const auto& [method, body] : {std::pair{"publish", R"({"channel":"a","data":1})"},
                                     {"history", R"({"channel":"a"})"},
                                     {"history_remove", R"({"channel":"a"})"},
                                     {"presence", R"({"channel":"a"})"},
                                     {"presence_stats", R"({"channel":"a"})"},
                                     {"disconnect", R"({"user":"u"})"},
                                     {"unsubscribe", R"({"user":"u","channel":"a"})"}}) {
    CAPTURE(method);
    CHECK(b.call(method, body).body.starts_with(R"({"error":{"code":)"));
  }
}

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

TEST_CASE("api_query: a number that would wrap into a good one is refused") {
  const auto refusal_of = [](std::string_view method, std::string_view body) {
    const auto plan = argosy::read_api_request(method, body);
    REQUIRE(plan.steps.size() == 1);
    const auto* refusal = std::get_if<argosy::api_refusal>(&plan.steps[0].query);
    return refusal != nullptr ? refusal->sentence : "";
  };
  // 2^32 + 3503
  CHECK(refusal_of("disconnect", R"({"user":"a","code":4294970799})")
        == "code must be 3000 to 4999");
  CHECK(refusal_of("disconnect", R"({"user":"a","code":3503})").empty());
  CHECK(refusal_of("history", R"({"channel":"a","since":{"offset":-1}})")
        == "since.offset must not be below 0");
}

// Once `"limit":"5"` was answered like `"limit":0`: a backend with a typo never learned of it.
TEST_CASE("api_query: a member of the wrong type is refused by name, a null is as good as none") {
  const auto refusal_of = [](std::string_view method, std::string_view body) {
    const auto plan = argosy::read_api_request(method, body);
    REQUIRE(plan.steps.size() == 1);
    const auto* refusal = std::get_if<argosy::api_refusal>(&plan.steps[0].query);
    return refusal != nullptr ? refusal->sentence : "";
  };
  CHECK(refusal_of("history", R"({"channel":"a","limit":"5"})") == "limit must be a whole number");
  CHECK(refusal_of("history", R"({"channel":"a","limit":1.5})") == "limit must be a whole number");
  CHECK(refusal_of("history", R"({"channel":"a","since":{"offset":1,"epoch":7}})")
        == "since.epoch must be a string");
  CHECK(refusal_of("presence", R"({"channel":["a"]})") == "channel must be a string");
  CHECK(refusal_of("publish", R"({"channel":"a","data":1,"skip_history":1})")
        == "skip_history must be true or false");
  CHECK(refusal_of("publish", R"({"channel":"a","data":1,"tags":{"k":1}})")
        == "tags must be an object of strings");
  CHECK(refusal_of("broadcast", R"({"channels":["a"],"data":1,"b64data":1})")
        == "b64data must be a string");
  CHECK(refusal_of("disconnect", R"({"user":"u","disconnect":{"code":"3000"}})")
        == "code must be a whole number");
  CHECK(refusal_of("history", R"({"channel":"a","limit":null,"since":null,"other":{}})").empty());
}

TEST_CASE("api: a method that needs a channel says that it is missing") {
  backend b;
  for (const auto* method : {"presence", "presence_stats", "history", "history_remove"}) {
    CAPTURE(method);
    CHECK(b.call(method, "{}").body
          == R"({"error":{"code":107,"message":"channel is missing or not valid"}})");
  }
}

TEST_CASE("api_query: the old form names its method in the body") {
  const auto plan = argosy::read_api_request(
      "", R"({"method":"publish","params":{"channel":"a","data":[1],"tags":{"k":"v"}}})");
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].method == "publish");
  const auto* publish = std::get_if<argosy::api_publish>(&plan.steps[0].query);
  REQUIRE(publish != nullptr);
  CHECK(publish->channel == "a");
  CHECK(publish->data == "[1]");
  CHECK(publish->tags.at("k") == "v");
}
