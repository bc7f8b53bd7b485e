// dedupe_window: what is remembered, for how long, and how much of it.
#include "runtime/core/dedupe_window.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using argosy::dedupe_window;
using argosy::testing::at;
using namespace std::chrono_literals;

TEST_CASE("dedupe_window: a key is answered with its offset as often as it is asked for") {
  dedupe_window w{10, 1min};
  CHECK_FALSE(w.find("a", at(0s)));
  w.remember("a", 7, at(0s));
  w.remember("", 8, at(0s));
  for (int i = 0; i < 3; ++i)
    CHECK(w.find("a", at(1s)) == 7);
  CHECK(w.find("", at(1s)) == 8);
  CHECK_FALSE(w.find("b", at(1s)));
}

TEST_CASE("dedupe_window: a key is forgotten when its age is reached, asked for or not") {
  dedupe_window w{10, 1min};
  w.remember("a", 1, at(0s));
  w.remember("b", 2, at(30s));
  CHECK(w.find("a", at(59'999ms)) == 1);
  CHECK_FALSE(w.find("a", at(60s)));
  CHECK(w.find("b", at(60s)) == 2);
  CHECK(w.size(at(60s)) == 1);
  CHECK(w.size(at(90s)) == 0);
}

TEST_CASE("dedupe_window: the oldest key gives way to a new one when there are too many") {
  dedupe_window w{3, 1min};
  for (std::uint64_t i = 1; i <= 5; ++i)
    w.remember(std::to_string(i), i, at(0s));
  CHECK(w.size(at(0s)) == 3);
  CHECK_FALSE(w.find("1", at(0s)));
  CHECK_FALSE(w.find("2", at(0s)));
  for (std::uint64_t i = 3; i <= 5; ++i)
    CHECK(w.find(std::to_string(i), at(0s)) == i);
}

TEST_CASE("dedupe_window: a forgotten key may come again, and counts from then on") {
  dedupe_window w{10, 1min};
  w.remember("a", 1, at(0s));
  CHECK_FALSE(w.find("a", at(60s)));
  w.remember("a", 9, at(60s));
  CHECK(w.find("a", at(119s)) == 9);
  CHECK_FALSE(w.find("a", at(120s)));
}

TEST_CASE("dedupe_window: without room nothing is remembered") {
  dedupe_window w{0, 1min};
  w.remember("a", 1, at(0s));
  CHECK_FALSE(w.find("a", at(0s)));
  CHECK(w.size(at(0s)) == 0);
}

TEST_CASE("dedupe_window: its content makes another window, and no key is younger for it") {
  dedupe_window w{10, 1min};
  w.remember("gone", 1, at(0s));
  w.remember("a", 2, at(10s));
  w.remember("passing", 0, at(20s));
  w.remember("b", 3, at(30s));
  const auto content = w.content(at(60s));
  REQUIRE(content.size() == 3); // what is forgotten does not travel
  CHECK(content[0].key == "a");
  CHECK(content[0].offset == 2);
  CHECK(content[0].since == at(10s));
  CHECK(content[1].key == "passing");
  CHECK(content[2].key == "b");

  dedupe_window heir{10, 1min};
  heir.adopt(content, at(65s));
  CHECK(heir.size(at(65s)) == 3);
  CHECK(heir.find("a", at(69s)) == 2);
  CHECK_FALSE(heir.find("a", at(70s)));
  CHECK(heir.find("passing", at(79s)) == 0);
  CHECK(heir.find("b", at(89s)) == 3);
  CHECK(heir.size(at(90s)) == 0);
}

TEST_CASE("dedupe_window: of what it adopts, it keeps what its own bounds allow") {
  std::vector<argosy::remembered_key> keys;
  for (std::uint64_t i = 1; i <= 5; ++i)
    keys.push_back({std::to_string(i), i, at(std::chrono::seconds{i})});
  SUBCASE("in number: the newest") {
    dedupe_window w{2, 1min};
    w.adopt(keys, at(10s));
    CHECK(w.size(at(10s)) == 2);
    CHECK_FALSE(w.find("3", at(10s)));
    CHECK(w.find("4", at(10s)) == 4);
  }
  SUBCASE("in age") {
    dedupe_window w{10, 6s};
    w.adopt(keys, at(10s));
    CHECK(w.size(at(10s)) == 1);
    CHECK(w.find("5", at(10s)) == 5);
  }
  SUBCASE("one is always enough") {
    dedupe_window w{10, 1min};
    keys.push_back({"5", 99, at(6s)});
    w.adopt(keys, at(10s));
    CHECK(w.size(at(10s)) == 5);
    CHECK(w.find("5", at(10s)) == 5);
  }
}

TEST_CASE("dedupe_window: a key from a clock that is ahead is as old as now, not younger") {
  dedupe_window w{10, 1min};
  w.adopt({{"a", 1, at(1h)}}, at(0s));
  CHECK(w.find("a", at(59s)) == 1);
  CHECK_FALSE(w.find("a", at(60s)));
}

TEST_CASE("dedupe_window: remembers on after what it adopted") {
  dedupe_window w{2, 1min};
  w.adopt({{"a", 1, at(0s)}}, at(10s));
  w.remember("b", 2, at(10s));
  w.remember("c", 3, at(10s));
  CHECK_FALSE(w.find("a", at(10s)));
  CHECK(w.find("b", at(10s)) == 2);
  CHECK(w.find("c", at(10s)) == 3);
}
