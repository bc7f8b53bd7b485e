// dedupe_window: what is remembered, for how long, and how much of it.
#include "runtime/core/dedupe_window.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <string>

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
