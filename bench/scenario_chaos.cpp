// What does it cost when a node dies, stands still, comes or goes? A fleet of our own, clients on
// all of its nodes, one fault after the other (docs/reliability.md).
#include "bench/chaos/phase.hpp"
#include "bench/scenario.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace argosy::bench {

namespace {

using chaos::phase;
using chaos::stage;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// One that is no leader, so that nothing but its rooms and sockets is missed.
std::string an_owner(stage& s) {
  return s.nodes().leader() == "a" ? "b" : "a";
}

void kill(stage& s, const std::string& name, const std::string& victim, bench_report& report) {
  {
    phase p(s, name, report);
    s.nodes().kill(victim);
    p.await_view(stage::without(victim));
    p.settle();
  }
  s.enter(victim, stage::everybody());
}

/// A pause that is short enough to be forgiven.
void pause_briefly(stage& s, bench_report& report) {
  const auto victim = an_owner(s);
  phase p(s, "pause_1s", report);
  s.nodes().pause(victim);
  s.run(milliseconds(1'000));
  s.nodes().resume(victim);
  p.settle();
}

/// One that is not: the others go on without it, and it must come back as somebody new.
void pause_long(stage& s, bench_report& report) {
  const auto victim = an_owner(s);
  bool returned = false;
  {
    phase p(s, "pause_5s", report);
    const auto until = steady_clock::now() + std::chrono::seconds(5);
    s.nodes().pause(victim);
    p.await_view(stage::without(victim));
    while (steady_clock::now() < until)
      s.run(milliseconds(10));
    s.nodes().resume(victim);
    const auto resumed = steady_clock::now();
    while (!returned && steady_clock::now() - resumed < std::chrono::seconds(5)) {
      s.run(milliseconds(20));
      returned = s.nodes().agreed(stage::everybody());
    }
    p.note("returned_by_itself", returned ? 1 : 0);
    if (!returned)
      s.nodes().kill(victim); // its people would wait for it
    p.settle();
  }
  if (!returned)
    s.enter(victim, stage::everybody());
}

/// A fourth owner comes and goes, and some rooms with it.
void come_and_go(stage& s, double seconds, bench_report& report) {
  auto five = stage::everybody();
  five.insert("d");
  phase p(s, "join_leave", report);
  const auto end = steady_clock::now() + milliseconds(static_cast<int>(seconds * 1e3));
  double slowest_join = 0, slowest_leave = 0;
  int rounds = 0;
  while (steady_clock::now() < end) {
    const auto began = steady_clock::now();
    const auto passed = [](auto since) {
      return std::chrono::duration<double, std::milli>(steady_clock::now() - since).count();
    };
    s.enter("d", five);
    slowest_join = std::max(slowest_join, passed(began));
    s.run(milliseconds(1'000));
    const auto left = steady_clock::now();
    s.nodes().stop("d");
    s.until("node d leaves", 15,
            [&] { return !s.nodes().running("d") && s.nodes().agreed(stage::everybody()); });
    slowest_leave = std::max(slowest_leave, passed(left));
    s.run(milliseconds(1'000));
    ++rounds;
  }
  p.note("rounds", rounds);
  p.note("slowest_join_ms", slowest_join);
  p.note("slowest_leave_ms", slowest_leave);
  p.settle();
}

} // namespace

bench_report run_chaos(const bench_options& options) {
  if (!options.self)
    throw std::runtime_error("chaos kills nodes, so it starts its own; add --self");
  bench_report report{.scenario = "chaos", .server = "a fleet of 3 owners and a gateway"};
  report.connections = options.connections != 0 ? options.connections : 48;
  stage s(report.connections, options.settings);
  kill(s, "kill_owner", an_owner(s), report);
  kill(s, "kill_gateway", "g", report);
  kill(s, "kill_leader", s.nodes().leader(), report);
  pause_briefly(s, report);
  pause_long(s, report);
  come_and_go(s, options.seconds, report);
  return report;
}

} // namespace argosy::bench
