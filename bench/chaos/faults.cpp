#include "bench/chaos/faults.hpp"

#include "bench/chaos/phase.hpp"
#include "runtime/core/address.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace argosy::bench::chaos {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

double ms_since(steady_clock::time_point then) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - then).count();
}

double sum_over(stage& s, const std::set<std::string>& nodes, std::string_view metric) {
  double sum = 0;
  for (const auto& name : nodes)
    sum += s.nodes().metric(name, metric);
  return sum;
}

/// Waits until each shard has one owner. How many shards those nodes have taken from others so far.
double await_owners(stage& s, const std::set<std::string>& nodes) {
  s.until("each shard has one owner", patience_s,
          [&] { return sum_over(s, nodes, "argosy_cluster_shards_owned") == shard_count; });
  return sum_over(s, nodes, "argosy_cluster_shards_taken_total");
}

fault pause_of(int seconds) {
  return {fmt::format("pause_{}s", seconds), scenery::plain,
          [seconds](stage& s, bench_report& r, double) { pause_long(s, seconds, r); }};
}

} // namespace

std::vector<fault> all_faults() {
  using enum scenery;
  return {
      {"kill_owner", plain,
       [](stage& s, bench_report& r, double) { kill(s, "kill_owner", s.an_owner(), r); }},
      {"kill_gateway", plain,
       [](stage& s, bench_report& r, double) { kill(s, "kill_gateway", "g", r); }},
      {"kill_leader", plain,
       [](stage& s, bench_report& r, double) { kill(s, "kill_leader", s.nodes().leader(), r); }},
      {"pause_1s", plain, [](stage& s, bench_report& r, double) { pause_briefly(s, r); }},
      pause_of(3),
      pause_of(5),
      pause_of(10),
      {"join_leave", plain,
       [](stage& s, bench_report& r, double seconds) { come_and_go(s, seconds, r); }},
      {"partition", proxied, [](stage& s, bench_report& r, double) { part_in_two(s, r); }},
      {"slow_line", proxied, [](stage& s, bench_report& r, double) { flood_a_slow_line(s, r); }},
  };
}

void kill(stage& s, const std::string& name, const std::string& victim, bench_report& report) {
  {
    phase p(s, name, report);
    s.nodes().kill(victim);
    p.await_view(s.without({victim}));
    p.settle();
  }
  s.enter(victim, s.everybody());
}

void pause_briefly(stage& s, bench_report& report) {
  const auto victim = s.an_owner();
  phase p(s, "pause_1s", report);
  s.nodes().pause(victim);
  s.run(milliseconds(1'000));
  s.nodes().resume(victim);
  p.settle();
}

void pause_long(stage& s, int seconds, bench_report& report) {
  constexpr int always_noticed_s = 5; // a shorter pause may be over before two others are sure
  const auto victim = s.an_owner();
  {
    phase p(s, fmt::format("pause_{}s", seconds), report);
    const auto end = steady_clock::now() + std::chrono::seconds(seconds);
    bool noticed = false;
    s.nodes().pause(victim);
    while (steady_clock::now() < end) {
      s.run(milliseconds(4));
      if (!noticed && s.nodes().agreed(s.without({victim}))) {
        noticed = true;
        p.note("new_view_ms", p.since_fault_ms());
      }
    }
    s.nodes().resume(victim);
    p.note("noticed", noticed ? 1 : 0);
    p.broken(!noticed && seconds >= always_noticed_s ? 1 : 0, "nobody noticed the pause");
    const auto resumed = steady_clock::now();
    bool returned = false;
    while (!returned && steady_clock::now() - resumed < std::chrono::seconds(5)) {
      s.run(milliseconds(20));
      returned = s.nodes().agreed(s.everybody());
    }
    p.note("returned_by_itself", returned ? 1 : 0);
    if (!returned)
      s.nodes().kill(victim); // its people would wait for it
    p.settle();
  }
  s.restore();
}

void come_and_go(stage& s, double seconds, bench_report& report) {
  auto more = s.everybody();
  more.insert("d");
  phase p(s, "join_leave", report);
  const auto end = steady_clock::now() + milliseconds(static_cast<int>(seconds * 1e3));
  double slowest_join = 0, slowest_leave = 0, moved_to = 0, moved_from = 0;
  auto taken = await_owners(s, s.everybody());
  int rounds = 0;
  while (steady_clock::now() < end) {
    const auto began = steady_clock::now();
    s.enter("d", more);
    slowest_join = std::max(slowest_join, ms_since(began));
    s.run(milliseconds(1'000));
    moved_to += await_owners(s, more) - taken; // a new process begins to count
    const auto left = steady_clock::now();
    s.nodes().stop("d");
    s.until("node d leaves", 15,
            [&] { return !s.nodes().running("d") && s.nodes().agreed(s.everybody()); });
    slowest_leave = std::max(slowest_leave, ms_since(left));
    s.run(milliseconds(1'000));
    const auto before = std::exchange(taken, await_owners(s, s.everybody()));
    moved_from += taken - before;
    ++rounds;
  }
  p.note("rounds", rounds);
  p.note("slowest_join_ms", slowest_join);
  p.note("slowest_leave_ms", slowest_leave);
  p.note("moved_by_join_share", moved_to / rounds / shard_count);
  p.note("moved_by_leave_share", moved_from / rounds / shard_count);
  p.settle();
}

} // namespace argosy::bench::chaos
