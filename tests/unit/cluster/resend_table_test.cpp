// resend_table: every question ends once: by its answer or by its deadline.
#include "runtime/cluster/resend_table.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

using argosy::cluster::resend_settings;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

using table = argosy::cluster::resend_table<std::unique_ptr<int>>;
using instant = std::chrono::steady_clock::time_point;

std::unique_ptr<int> question(int n) {
  return std::make_unique<int>(n);
}

struct ticked {
  std::vector<std::uint64_t> resent;
  std::vector<int> given_up;
};

ticked tick(table& t, instant now) {
  ticked out;
  t.tick(
      now, [&](std::uint64_t ticket, const std::unique_ptr<int>&) { out.resent.push_back(ticket); },
      [&](std::unique_ptr<int> q) { out.given_up.push_back(*q); });
  return out;
}

} // namespace

TEST_CASE("resend_table: an answer gives the question back, once") {
  table t{1};
  const auto ticket = t.ask(question(7), at(0s)).value();
  CHECK(t.next_tick_at().value() == at(5s));
  CHECK(*t.answered(ticket).value() == 7);
  CHECK_FALSE(t.answered(ticket).has_value());
  CHECK_FALSE(t.refused(ticket, at(0s)));
  CHECK_FALSE(t.next_tick_at().has_value());
}

TEST_CASE("resend_table: a refusal asks again later, each time later, until the deadline") {
  table t{1};
  const auto ticket = t.ask(question(7), at(0s)).value();
  auto now = at(0s);
  std::vector<std::chrono::milliseconds> waits;
  for (;;) {
    REQUIRE(t.refused(ticket, now));
    CHECK(t.refused(ticket, now)); // said twice changes nothing
    const auto next = t.next_tick_at().value();
    CHECK(tick(t, next - 1ms).resent.empty());
    const auto what = tick(t, next);
    if (!what.given_up.empty()) {
      CHECK(what.given_up == std::vector{7});
      CHECK(next == at(5s));
      break;
    }
    REQUIRE(what.resent == std::vector{ticket});
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(next - now));
    now = next;
  }
  REQUIRE(waits.size() > 10);
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const auto span = std::min(20ms * (1 << std::min<std::size_t>(i, 10)), 500ms);
    CHECK(waits[i] >= span / 2);
    CHECK(waits[i] <= span);
  }
  CHECK(t.size() == 0);
}

TEST_CASE("resend_table: without any answer it gives up at the deadline, its own if it has one") {
  table t{1};
  REQUIRE(t.ask(question(1), at(0s)).has_value());
  REQUIRE(t.ask(question(2), at(0s), 1s).has_value());
  CHECK(tick(t, at(999ms)).given_up.empty());
  CHECK(tick(t, at(1s)).given_up == std::vector{2});
  CHECK(tick(t, at(5s)).given_up == std::vector{1});
}

TEST_CASE("resend_table: a full table refuses, and the question stays the caller's") {
  resend_settings s;
  s.questions_max = 2;
  table t{1, s};
  REQUIRE(t.ask(question(1), at(0s)).has_value());
  const auto second = t.ask(question(2), at(0s)).value();
  auto third = question(3);
  CHECK_FALSE(t.ask(std::move(third), at(0s)).has_value());
  REQUIRE(third != nullptr);
  CHECK(t.answered(second).has_value());
  CHECK(t.ask(std::move(third), at(0s)).has_value());
}

TEST_CASE("resend_table: a newer view hurries those that wait, not those that are being asked") {
  table t{1};
  const auto waits = t.ask(question(1), at(0s)).value();
  REQUIRE(t.ask(question(2), at(0s)).has_value());
  t.refused(waits, at(0s));
  t.hurry(at(1ms));
  CHECK(tick(t, at(1ms)).resent == std::vector{waits});
  CHECK(t.next_tick_at().value() == at(5s));
}

TEST_CASE("resend_table: nodes and questions do not come back all at once") {
  std::set<instant> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    resend_settings s;
    s.backoff_first = 400ms;
    table t{seed, s};
    table same{seed, s};
    const auto ticket = t.ask(question(1), at(0s)).value();
    t.refused(ticket, at(0s));
    same.refused(same.ask(question(1), at(0s)).value(), at(0s));
    CHECK(t.next_tick_at() == same.next_tick_at());
    seen.insert(t.next_tick_at().value());
  }
  CHECK(seen.size() > 15);
}

TEST_CASE("resend_table: every question ends exactly once, whatever happens") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    table t{seed};
    std::map<std::uint64_t, int> open;
    std::map<int, int> ended;
    int asked = 0;
    const auto pick = [&] {
      auto found = open.begin();
      std::advance(found, static_cast<std::ptrdiff_t>(random() % open.size()));
      return found->first;
    };
    auto now = at(0s);
    for (int step = 0; step < 600; ++step) {
      now += std::chrono::milliseconds{random() % 40};
      const auto dice = random() % 10;
      if (dice < 4) {
        const auto ticket = t.ask(question(asked), now).value();
        open[ticket] = asked++;
      } else if (dice < 6 && !open.empty()) {
        const auto ticket = pick();
        ++ended[*t.answered(ticket).value()];
        open.erase(ticket);
      } else if (dice < 8 && !open.empty()) {
        REQUIRE(t.refused(pick(), now));
      } else if (dice == 8) {
        t.hurry(now);
      }
      const auto what = tick(t, now);
      for (const auto ticket : what.resent)
        REQUIRE(open.contains(ticket));
      for (const auto q : what.given_up) {
        ++ended[q];
        std::erase_if(open, [&](const auto& o) { return o.second == q; });
      }
      REQUIRE(t.size() == open.size());
      REQUIRE((!t.next_tick_at() || *t.next_tick_at() > now));
    }
    tick(t, now + 5s);
    REQUIRE(t.size() == 0);
    for (const auto& [q, times] : ended)
      REQUIRE(times == 1);
  }
}
