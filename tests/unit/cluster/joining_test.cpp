// joining: what a node that is not let in tells its operator, and when it gives up.
#include "runtime/cluster/joining.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using argosy::cluster::joining;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

const std::vector<std::pair<std::string, std::string>> three{
    {"a", "10.0.0.1:7100"}, {"b", "10.0.0.2:7100"}, {"c", "10.0.0.3:7100"}};

struct heard {
  std::vector<std::chrono::milliseconds> warned_at;
  std::string last_warning;
  std::string gave_up;
  std::chrono::milliseconds gave_up_at{0};
};

template <class Each>
heard live(joining& j, std::chrono::milliseconds from, std::chrono::milliseconds until,
           Each&& each) {
  heard out;
  for (auto now = from; now < until; now += 50ms) {
    each(now);
    const auto said = j.tick(at(now));
    if (said.warning) {
      out.warned_at.push_back(now);
      out.last_warning = *said.warning;
    }
    if (said.give_up) {
      CHECK(out.gave_up.empty());
      out.gave_up = *said.give_up;
      out.gave_up_at = now;
    }
  }
  return out;
}

} // namespace

TEST_CASE("joining: seeds that cannot be reached are named, less and less often, and waited for") {
  joining j{"d", three};
  const auto said = live(j, 0ms, 10min, [](auto) {});
  CHECK(said.gave_up.empty());
  REQUIRE(said.warned_at.size() >= 6);
  CHECK(said.warned_at.size() < 20);
  CHECK(said.warned_at[0] == 2s);
  CHECK(said.warned_at[1] == 6s);
  CHECK(said.warned_at.back() - said.warned_at[said.warned_at.size() - 2] == 60s);
  CHECK(said.last_warning
        == "cluster.seeds: not reached are a at 10.0.0.1:7100, b at 10.0.0.2:7100, c at "
           "10.0.0.3:7100; this node waits for them, start them or correct their addresses");
}

TEST_CASE("joining: a seed misses those that it needs for a majority, and no more") {
  joining j{"a", three};
  CHECK(live(j, 0ms, 5s, [](auto) {}).last_warning.find("b at 10.0.0.2:7100, c at")
        != std::string::npos);
  j.reached("b");
  CHECK(live(j, 5s, 5min, [](auto) {}).warned_at.empty());
  j.vanished("b");
  CHECK(!live(j, 5min, 10min, [](auto) {}).warned_at.empty());
}

TEST_CASE("joining: the one seed of a cluster waits for nobody") {
  joining j{"a", {{"a", "10.0.0.1:7100"}}};
  CHECK(live(j, 0ms, 10min, [](auto) {}).warned_at.empty());
}

TEST_CASE("joining: a refusal is final after 5 s in which no seed said yes") {
  joining j{"d", three};
  const auto said = live(j, 0ms, 1min, [&](auto now) {
    if (now % 500ms == 0ms)
      j.refused("a", "no", at(now));
  });
  CHECK(said.gave_up == "no");
  CHECK(said.gave_up_at == 5s);
}

TEST_CASE("joining: a seed may greet and then refuse, each time") {
  joining j{"d", three};
  const auto said = live(j, 0ms, 1min, [&](auto now) {
    if (now % 1s == 0ms)
      j.reached("a");
    if (now % 1s == 50ms)
      j.refused("a", "no", at(now));
  });
  CHECK(said.gave_up == "no");
  CHECK(said.gave_up_at <= 6s);
}

TEST_CASE("joining: one seed that refuses is outvoted by one that does not") {
  joining j{"d", three};
  j.reached("b");
  const auto said = live(j, 0ms, 1min, [&](auto now) { j.refused("a", "no", at(now)); });
  CHECK(said.gave_up.empty());
}

TEST_CASE("joining: the leader's refusal is final when it has been repeated for 10 s") {
  joining j{"d", three};
  j.reached("a");
  const auto said = live(j, 0ms, 1min, [&](auto now) {
    if (now % 500ms == 0ms)
      j.refused_by_leader("taken", at(now));
  });
  CHECK(said.gave_up == "taken");
  CHECK(said.gave_up_at >= 10s);
  joining patient{"d", three};
  patient.reached("a");
  CHECK(live(patient, 0ms, 5min, [&](auto now) {
          if (now % 20s < 8s) // each time for another reason that passes
            patient.refused_by_leader("taken", at(now));
        }).gave_up.empty());
}

TEST_CASE("joining: who was a member once is never told to give up") {
  joining j{"d", three};
  j.joined();
  const auto said = live(j, 0ms, 5min, [&](auto now) {
    j.refused("a", "no", at(now));
    j.refused_by_leader("no", at(now));
  });
  CHECK(said.gave_up.empty());
  CHECK(!said.warned_at.empty());
}
