// failure_detector: who is accused and who is not, on bad networks, in virtual time.
#include "runtime/cluster/failure_detector.hpp"
#include "tests/unit/cluster/probe_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace argosy::cluster;
using argosy::testing::at;
using argosy::testing::probe_network;
using argosy::testing::view_of_size;
using namespace std::chrono_literals;

namespace {

using microseconds = std::chrono::microseconds;

/// When `by` first accused `of`, counted from `since`; a day if never.
microseconds first_accusation(const probe_network& net, std::size_t by, std::size_t of,
                              microseconds since) {
  for (const auto& s : net.heard())
    if (s.by == by && s.of == of && !s.withdrawn && s.at >= since)
      return s.at - since;
  return 24h;
}

std::size_t sent_probes(const std::vector<detector_action>& actions) {
  return static_cast<std::size_t>(
      std::count_if(actions.begin(), actions.end(), [](const detector_action& a) {
        return std::holds_alternative<send_probe>(a);
      }));
}

auto lose(unsigned percent) {
  return [percent](std::size_t, std::size_t, std::mt19937& random) {
    return random() % 100 < percent;
  };
}

} // namespace

TEST_CASE("failure_detector: a crash is accused by every observer within 1.5 to 2.6 s") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    probe_network net{5, seed};
    const microseconds died = 10s + microseconds{seed * 37'123 % 1'000'000};
    net.run_until(died);
    net.kill(2);
    net.run_until(died + 10s);
    for (const std::size_t by : {0, 1, 3, 4}) {
      CAPTURE(by);
      // its last answer may have been on the way when it died
      CHECK(first_accusation(net, by, 2, died) >= 1500ms - 2 * net.delay_max);
      CHECK(first_accusation(net, by, 2, died) <= 2600ms);
    }
    for (const auto& s : net.heard())
      REQUIRE(s.of == 2);
  }
}

TEST_CASE("failure_detector: two deaths at once are both accused in time") {
  probe_network net{5, 7};
  net.run_until(10s);
  net.kill(1);
  net.kill(4);
  net.run_until(13s);
  for (const std::size_t by : {0, 2, 3})
    for (const std::size_t of : {1, 4})
      CHECK(first_accusation(net, by, of, 10s) <= 2600ms);
}

TEST_CASE("failure_detector: an accusation is renewed as long as the silence lasts") {
  probe_network net{3, 1};
  net.run_until(5s);
  net.kill(0);
  net.run_until(60s);
  for (const std::size_t by : {1, 2}) {
    microseconds last = 8s;
    for (const auto& s : net.heard())
      if (s.by == by && s.at > 8s) {
        REQUIRE(s.at - last < 4s); // the leader forgets after 5 s
        last = s.at;
      }
    CHECK(last > 56s);
  }
}

TEST_CASE("failure_detector: a pause of 1 s is never accused") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    probe_network net{5, seed};
    net.run_until(10s + microseconds{seed * 7'919});
    net.pause(seed % 5, 1s);
    net.run_until(30s);
    REQUIRE(net.heard().empty());
  }
}

// The answers that came late after a pause taught the watch to wait: rounds of 5 s, so that a death
// soon afterwards was accused after 15 s.
TEST_CASE("failure_detector: a death soon after a forgiven pause is accused as fast as any") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    probe_network net{4, seed};
    net.run_until(10s + microseconds{seed * 17'041});
    net.pause(1, 1s);
    const microseconds died = 13s + microseconds{seed * 17'041};
    net.run_until(died);
    net.kill(1);
    net.run_until(died + 10s);
    for (const std::size_t by : {0, 2, 3})
      CHECK(first_accusation(net, by, 1, died) <= 3s);
  }
}

TEST_CASE("failure_detector: who slept 5 s accuses nobody; he was accused, and is no longer") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    probe_network net{5, seed};
    net.run_until(10s + microseconds{seed * 17'041});
    const auto sleeper = std::size_t{seed % 5};
    net.pause(sleeper, 5s);
    net.run_until(40s);
    std::map<std::size_t, bool> accused_by;
    for (const auto& s : net.heard()) {
      REQUIRE(s.by != sleeper);
      REQUIRE(s.of == sleeper);
      accused_by[s.by] = !s.withdrawn;
    }
    CHECK(accused_by.size() == 4);
    for (const auto& [by, still] : accused_by)
      CHECK_FALSE(still);
    CHECK(net.detector(sleeper).health() == 0); // and it is well again
  }
}

TEST_CASE("failure_detector: everybody slept, as when a machine is suspended: no accusation") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    probe_network net{5, seed};
    net.run_until(10s);
    for (std::size_t node = 0; node < 5; ++node)
      net.pause(node, 7s);
    net.run_until(30s);
    REQUIRE(net.heard().empty());
  }
}

TEST_CASE("failure_detector: 20 % random loss for ten minutes accuses nobody, nor do 30 %") {
  for (const unsigned percent : {20U, 30U})
    for (unsigned seed = 1; seed <= 8; ++seed) {
      CAPTURE(seed);
      probe_network net{5, seed};
      net.lost = lose(percent);
      net.run_until(10min);
      REQUIRE(net.heard().empty());
    }
}

TEST_CASE("failure_detector: with 20 % loss a death is still found by two within 4 s") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    probe_network net{5, seed};
    net.lost = lose(20);
    net.run_until(10s);
    net.kill(3);
    net.run_until(14s);
    std::set<std::size_t> accusers;
    for (const auto& s : net.heard()) {
      REQUIRE(s.of == 3);
      accusers.insert(s.by);
    }
    CHECK(accusers.size() >= 2);
  }
}

TEST_CASE("failure_detector: a link that is dumb in one direction, or in both, accuses nobody") {
  for (const bool both : {false, true})
    for (unsigned seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      probe_network net{5, seed};
      net.lost = [both](std::size_t from, std::size_t to, std::mt19937&) {
        return (from == 1 && to == 3) || (both && from == 3 && to == 1);
      };
      net.run_until(60s);
      REQUIRE(net.heard().empty());
    }
}

TEST_CASE("failure_detector: slow answers are waited for once they are known to be slow") {
  probe_network net{4, 3};
  net.delay_min = 300ms;
  net.delay_max = 400ms;
  net.run_until(2min);
  CHECK(net.heard().empty());
  for (const auto& t : net.detector(0).describe()) {
    CHECK(t.round_trip > 550ms);
    CHECK(t.round_trip < 850ms);
  }
}

TEST_CASE("failure_detector: traffic of any kind protects, and silence all around is own trouble") {
  failure_detector d{{"n01", 1}};
  d.watch(view_of_size(3), at(0s));
  int accusations = 0;
  std::uint32_t health = 0;
  for (auto now = 0ms; now < 60s; now += 10ms) {
    if (now < 30s && now % 900ms == 0ms)
      for (const auto* peer : {"n02", "n03"})
        d.heard_from({peer, 1}, at(now)); // envelopes, but never an answer
    if (at(now) >= d.next_tick_at())
      for (const auto& a : d.tick(at(now)))
        if (std::holds_alternative<accuse>(a)) {
          ++accusations;
          CHECK(now > 31s);
        }
    if (now == 29s)
      CHECK(d.health() <= 1);
    health = d.health();
  }
  CHECK(accusations >= 3);
  CHECK(health == 8);
}

TEST_CASE("failure_detector: of two members, one accuses the other as fast as among many") {
  failure_detector d{{"n01", 1}};
  d.watch(view_of_size(2), at(0s));
  auto accused = 0ms;
  for (auto now = 0ms; now < 10s && accused == 0ms; now += 10ms) {
    if (now <= 3s && now % 100ms == 0ms)
      d.heard_from({"n02", 1}, at(now));
    if (at(now) >= d.next_tick_at())
      for (const auto& a : d.tick(at(now)))
        if (std::holds_alternative<accuse>(a))
          accused = now;
  }
  CHECK(accused > 4s); // a pause of 1 s is no death
  CHECK(accused <= 3s + 2600ms);
}

TEST_CASE("failure_detector: its own gap clears the misses that it counted, and costs it trust") {
  failure_detector d{{"n01", 1}};
  d.watch(view_of_size(2), at(0s));
  auto now = 0ms;
  for (; d.describe()[0].misses < 2; now += 10ms)
    if (at(now) >= d.next_tick_at())
      d.tick(at(now));
  const auto health = d.health();
  now += 5s;
  for (const auto& a : d.tick(at(now)))
    CHECK_FALSE(std::holds_alternative<accuse>(a));
  CHECK(d.describe()[0].misses == 0);
  CHECK(d.health() > health);
  CHECK(d.next_tick_at() > at(now));
}

TEST_CASE("failure_detector: a round in which anything came is no miss") {
  failure_detector d{{"n01", 1}};
  d.watch(view_of_size(2), at(0s));
  for (auto now = 0ms; now < 30s; now += 10ms) {
    if (now % 400ms == 0ms)
      d.heard_from({"n02", 1}, at(now));
    if (at(now) >= d.next_tick_at())
      d.tick(at(now));
    REQUIRE(d.describe()[0].misses == 0);
  }
  CHECK(d.health() == 0);
}

TEST_CASE("failure_detector: who was heard within the grace is not accused, however many misses") {
  detector_settings settings;
  settings.traffic_grace = 20s;
  failure_detector d{{"n01", 1}, settings};
  d.watch(view_of_size(2), at(0s));
  bool accused = false;
  for (auto now = 0ms; now < 30s && !accused; now += 10ms)
    if (at(now) >= d.next_tick_at())
      for (const auto& a : d.tick(at(now)))
        if (std::holds_alternative<accuse>(a)) {
          accused = true;
          CHECK(now >= 20s);
        }
  CHECK(accused);
}

TEST_CASE("failure_detector: a late answer withdraws, a foreign or repeated one does nothing") {
  failure_detector d{{"n01", 1}};
  d.watch(view_of_size(2), at(0s));
  std::vector<std::uint64_t> sequences;
  bool accused = false;
  auto now = 1000ms; // later than asked: it trusts itself less
  for (; !accused; now += 10ms)
    if (at(now) >= d.next_tick_at())
      for (const auto& a : d.tick(at(now))) {
        if (const auto* p = std::get_if<send_probe>(&a))
          sequences.push_back(p->sequence);
        accused = accused || std::holds_alternative<accuse>(a);
      }
  d.acked({"n02", 2}, sequences.back(), at(now)); // another life of that name
  d.acked({"n03", 1}, sequences.back(), at(now));
  d.indirect_acked({"n02", 1}, 1'000'000, at(now));
  CHECK(d.describe()[0].accused);
  const auto health = d.health();
  d.acked({"n02", 1}, sequences.back(), at(now));
  d.acked({"n02", 1}, sequences.back(), at(now));
  CHECK_FALSE(d.describe()[0].accused);
  CHECK(d.health() + 1 == health);
  std::size_t withdrawals = 0;
  for (; now < 20s; now += 10ms)
    if (at(now) >= d.next_tick_at()) {
      for (const auto& a : d.tick(at(now)))
        withdrawals += std::holds_alternative<withdraw>(a) ? 1 : 0;
      d.heard_from({"n02", 1}, at(now));
    }
  CHECK(withdrawals == 1);
}

TEST_CASE("failure_detector: at the timeout it probes again and asks three others") {
  failure_detector d{{"n01", 1}};
  const auto v = view_of_size(6);
  d.watch(v, at(0s));
  std::map<node_identity, std::size_t> probes;
  std::map<node_identity, std::set<node_identity>> helpers;
  for (auto now = 0ms; now < 700ms;
       now += 1ms) // each target's first round, at least to its timeout
    if (at(now) >= d.next_tick_at())
      for (const auto& a : d.tick(at(now))) {
        if (const auto* p = std::get_if<send_probe>(&a))
          ++probes[p->target];
        else if (const auto* ask = std::get_if<ask_indirect>(&a)) {
          if (probes[ask->target] == 2)
            helpers[ask->target].insert(ask->helper);
        }
      }
  REQUIRE(probes.size() == 5);
  for (const auto& [target, count] : probes) {
    CHECK(count >= 2);
    CHECK(helpers[target].size() == 3);
    CHECK(helpers[target].count(target) == 0);
    CHECK(helpers[target].count({"n01", 1}) == 0);
  }
}

TEST_CASE("failure_detector: a new view keeps what is known of those that stay") {
  auto v = view_of_size(3);
  failure_detector d{v.members[0].id};
  d.watch(v, at(0s));
  auto now = 0ms;
  for (; now < 1200ms; now += 10ms)
    if (at(now) >= d.next_tick_at())
      d.tick(at(now));
  REQUIRE(d.describe()[1].misses > 0);
  const auto known = d.describe()[1].misses;
  v = *condemn(v, {v.members[1].id}).next;
  d.watch(v, at(now));
  REQUIRE(d.describe().size() == 1);
  CHECK(d.describe()[0].target.name == "n03");
  CHECK(d.describe()[0].misses == known);
  v = *condemn(v, {v.members[1].id}).next;
  d.watch(v, at(now));
  CHECK(d.next_tick_at() == failure_detector::time_point::max());
  CHECK(d.tick(at(now)).empty());
}

TEST_CASE("failure_detector: probes are spread over the interval and their number is bounded") {
  const auto v = view_of_size(200);
  failure_detector d{v.members[0].id};
  d.watch(v, at(0s));
  const auto targets = d.describe().size();
  std::size_t most = 0;
  for (auto now = 0ms; now < 500ms; now += 10ms)
    if (at(now) >= d.next_tick_at())
      most = std::max(most, sent_probes(d.tick(at(now))));
  CHECK(targets < 20);
  CHECK(most <= targets / 2 + 1);
  probe_network net{20, 1};
  net.run_until(60s);
  CHECK(net.packets() <= 20 * 5 * 2 * 2 * 61U); // probe and answer, five observers, twice a second
}

TEST_CASE("failure_detector: the same calls give the same actions") {
  std::vector<std::vector<probe_network::said>> runs;
  for (int run = 0; run < 2; ++run) {
    probe_network net{6, 99};
    net.lost = lose(35);
    net.run_until(20s);
    net.kill(5);
    net.run_until(60s);
    runs.push_back(net.heard());
  }
  REQUIRE(runs[0].size() == runs[1].size());
  REQUIRE_FALSE(runs[0].empty());
  for (std::size_t i = 0; i < runs[0].size(); ++i)
    REQUIRE((runs[0][i].at == runs[1][i].at && runs[0][i].by == runs[1][i].by
             && runs[0][i].of == runs[1][i].of));
}
