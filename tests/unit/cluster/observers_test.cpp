// observers, round_trip: who watches whom, and how long an answer may take.
#include "runtime/cluster/observers.hpp"
#include "runtime/cluster/round_trip.hpp"
#include "tests/unit/cluster/views.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace argosy::cluster;
using argosy::testing::view_of_size;
using namespace std::chrono_literals;

TEST_CASE("observers: each member is watched by five others, and both sides know it alike") {
  for (const int nodes : {1, 2, 3, 6, 7, 20, 60}) {
    CAPTURE(nodes);
    const auto v = view_of_size(nodes);
    std::map<node_identity, std::set<node_identity>> watchers;
    for (const auto& m : v.members)
      for (const auto& target : watched_by(v, m.id))
        watchers[target].insert(m.id);
    for (const auto& m : v.members) {
      const auto observers = observers_of(v, m.id);
      REQUIRE(observers.size() == std::min<std::size_t>(5, v.members.size() - 1));
      CHECK(std::set<node_identity>{observers.begin(), observers.end()} == watchers[m.id]);
      CHECK(watchers[m.id].count(m.id) == 0);
    }
  }
  CHECK(watched_by(view_of_size(3), {"stranger", 1}).empty());
  CHECK(observers_of(view_of_size(3), {"n01", 2}).empty());
}

TEST_CASE("round_trip: converges on a steady time and widens when it scatters") {
  round_trip steady;
  CHECK(steady.timeout(200ms, 2s) == 200ms);
  for (int i = 0; i < 100; ++i)
    steady.sample(300ms);
  CHECK(steady.smoothed() == 300ms);
  CHECK(steady.timeout(200ms, 2s) < 301ms);
  round_trip scattered;
  for (int i = 0; i < 100; ++i)
    scattered.sample(i % 2 == 0 ? 100ms : 500ms);
  CHECK(scattered.timeout(200ms, 2s) > 800ms);
  CHECK(scattered.timeout(200ms, 700ms) == 700ms);
}
