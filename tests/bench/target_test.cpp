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
  for (const auto* name : {"argosy", "centrifugo", "nchan", "nats"}) {
    const auto* found = find_target(name);
    REQUIRE(found != nullptr);
    CHECK(found->name == name);
    CHECK(target_names().find(name) != std::string::npos);
    CHECK_FALSE(found->publish.empty());
  }
  CHECK(find_target("socket.io") == nullptr);
}
