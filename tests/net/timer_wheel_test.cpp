#include "runtime/core/timer_wheel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace argosy {

namespace {

std::vector<std::uint32_t> tags_due(timer_wheel& wheel, std::uint32_t tick) {
  std::vector<std::uint32_t> tags;
  wheel.advance(tick, [&](const timer_wheel::timer& t) { tags.push_back(t.tag); });
  return tags;
}

} // namespace

TEST_CASE("timer_wheel: a timer comes on its tick, not before, and once") {
  timer_wheel wheel{8};
  wheel.set({1, 1, 42, 3});
  CHECK(tags_due(wheel, 2).empty());
  CHECK(tags_due(wheel, 3) == std::vector<std::uint32_t>{42});
  CHECK(tags_due(wheel, 100).empty());
  CHECK(wheel.size() == 0);
}

TEST_CASE("timer_wheel: a timer beyond one revolution waits for its own") {
  timer_wheel wheel{8};
  wheel.set({1, 1, 1, 19});
  CHECK(tags_due(wheel, 3).empty());
  CHECK(tags_due(wheel, 11).empty());
  CHECK(tags_due(wheel, 18).empty());
  CHECK(tags_due(wheel, 19).size() == 1);
}

TEST_CASE("timer_wheel: a tick that has passed is due at the next advance") {
  timer_wheel wheel{8};
  tags_due(wheel, 50);
  wheel.set({1, 1, 7, 10});
  CHECK(tags_due(wheel, 51) == std::vector<std::uint32_t>{7});
}

TEST_CASE("timer_wheel: a long pause loses nothing") {
  timer_wheel wheel{8};
  for (std::uint32_t tick = 1; tick <= 40; ++tick)
    wheel.set({1, 1, tick, tick});
  CHECK(tags_due(wheel, 1000).size() == 40);
}

TEST_CASE("timer_wheel: a timer may set another one while it expires") {
  timer_wheel wheel{8};
  wheel.set({1, 1, 0, 1});
  int runs = 0;
  for (std::uint32_t tick = 1; tick <= 5; ++tick)
    wheel.advance(tick, [&](const timer_wheel::timer& t) {
      ++runs;
      wheel.set({t.slot, t.generation, 0, tick + 1});
    });
  CHECK(runs == 5);
  CHECK(wheel.size() == 1);
}

TEST_CASE("timer_wheel: ticks may wrap around") {
  timer_wheel wheel{8};
  const std::uint32_t before_wrap = 0xFFFFFFF0;
  tags_due(wheel, before_wrap);
  wheel.set({1, 1, 5, 4}); // 20 ticks later
  CHECK(tags_due(wheel, 3).empty());
  CHECK(tags_due(wheel, 4).size() == 1);
}

TEST_CASE("timer_wheel: agrees with a plain list under a random load") {
  std::mt19937 random{7};
  timer_wheel wheel{16};
  std::vector<std::uint32_t> due;
  std::uint32_t now = 0;
  std::size_t expected = 0;
  for (int step = 0; step < 2000; ++step) {
    const auto when = static_cast<std::uint32_t>(now + 1 + random() % 60);
    wheel.set({0, 0, when, when});
    due.push_back(when);
    if (random() % 3 == 0) {
      now += static_cast<std::uint32_t>(random() % 30);
      wheel.advance(now, [&](const timer_wheel::timer& t) {
        REQUIRE(t.due_tick <= now);
        ++expected;
      });
      REQUIRE(static_cast<std::size_t>(
                  std::count_if(due.begin(), due.end(), [&](auto d) { return d <= now; }))
              == expected);
    }
  }
}

} // namespace argosy
