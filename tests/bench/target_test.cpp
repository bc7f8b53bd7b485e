#include "bench/speech.hpp"
#include "bench/target.hpp"

#include <doctest/doctest.h>

using namespace argosy::bench;

TEST_CASE("expand: replaces the names it is given and leaves JSON braces alone") {
  CHECK(expand(R"({"id":{id},"publish":{"channel":"{room}","data":{payload}}})",
               {{"id", "7"}, {"room", "r"}, {"payload", R"({"a":{}})"}})
        == R"({"id":7,"publish":{"channel":"r","data":{"a":{}}}})");
  CHECK(expand("{unknown} {", {{"id", "7"}}) == "{unknown} {");
  CHECK(expand("", {{"id", "7"}}).empty());
}

TEST_CASE("expand: does not look into what it has put in") {
  CHECK(expand("{a}{b}", {{"a", "{b}"}, {"b", "x"}}) == "{b}x");
}

TEST_CASE("target: every server that is named is found, and no other") {
  for (const auto* name : {"argosy", "centrifugo", "nchan", "nats", "echo"}) {
    const auto* found = find_target(name);
    REQUIRE(found != nullptr);
    CHECK(found->name == name);
    CHECK(target_names().find(name) != std::string::npos);
    CHECK_FALSE(make_speech(*found, dialect::json)->publication(7, "room", "{}").empty());
  }
  CHECK(find_target("socket.io") == nullptr);
}

TEST_CASE("speech: the text of a protocol has its names filled in and its marks found") {
  const auto nats = make_speech(*find_target("nats"), dialect::json);
  CHECK(nats->hello("", "").find("SUB") == std::string::npos);
  CHECK(nats->hello("", "r").ends_with("\r\nSUB r 1\r\nPING\r\n"));
  CHECK(nats->publication(7, "r", "abc") == "PUB r 3\r\nabc\r\n");
  CHECK_FALSE(nats->listen("INFO {}\r\n").connected);
  CHECK(nats->listen("PONG\r\n").subscribed);
  CHECK(nats->listen("PING\r\n").ping);
  CHECK(nats->listen("-ERR 'no'\r\n").refusal == "-ERR 'no'\r\n");
  CHECK(make_speech(*find_target("nchan"), dialect::json)->hello("", "r").empty());
}

TEST_CASE("speech: both dialects introduce a client in one message, and say what they hear") {
  for (const auto how : {dialect::json, dialect::capnp}) {
    const auto argosy = make_speech(*find_target("argosy"), how);
    CHECK(argosy->opcode() == (how == dialect::json ? ws_opcode::text : ws_opcode::binary));
    CHECK(argosy->hello("", "lobby").find("lobby") != std::string::npos);
    CHECK(argosy->hello("secret-token", "").find("secret-token") != std::string::npos);
    CHECK_FALSE(argosy->listen("nonsense").understood);
  }
  const auto json = make_speech(*find_target("argosy"), dialect::json);
  CHECK(json->listen("{}").ping);
  CHECK(json->listen(R"({"id":1,"connect":{"client":"c"}})"
                     "\n"
                     R"({"id":2,"subscribe":{}})")
            .subscribed);
  CHECK(json->listen(R"({"id":2,"error":{"code":103,"message":"no"}})").refusal == "103 no");
  CHECK_FALSE(json->listen(R"({"push":{"channel":"r","unsubscribe":{"code":2500,"reason":"x"}}})")
                  .refusal.empty());
}
