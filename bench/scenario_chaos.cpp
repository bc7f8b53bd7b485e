// What does it cost when a node dies, stands still, comes or goes, or when a line between nodes is
// bad? Fleets of our own, clients on their nodes, one fault after the other (docs/reliability.md).
#include "bench/chaos/faults.hpp"
#include "bench/scenario.hpp"

#include <algorithm>
#include <stdexcept>

namespace argosy::bench {

namespace {

using chaos::scenery;

chaos::fleet_plan plan_of(scenery where, const std::vector<std::string>& settings) {
  if (where == scenery::plain)
    return {.voters = {"a", "b", "c"}, .gateways = {"g"}, .settings = settings};
  return {.voters = {"a", "b", "c", "d", "e"}, .proxied = true, .settings = settings};
}

void play(scenery where, const bench_options& options, bench_report& report) {
  auto faults = chaos::all_faults();
  const auto left_out = [&](const chaos::fault& f) {
    const auto& wanted = options.faults;
    return f.where != where
           || (!wanted.empty() && std::find(wanted.begin(), wanted.end(), f.name) == wanted.end());
  };
  faults.erase(std::remove_if(faults.begin(), faults.end(), left_out), faults.end());
  if (faults.empty())
    return;
  chaos::stage s(report.connections, plan_of(where, options.settings));
  for (const auto& f : faults)
    f.play(s, report, options.seconds);
}

} // namespace

std::vector<std::string> chaos_faults() {
  std::vector<std::string> names;
  for (const auto& f : chaos::all_faults())
    names.push_back(f.name);
  return names;
}

bench_report run_chaos(const bench_options& options) {
  if (!options.self)
    throw std::runtime_error("chaos kills nodes, so it starts its own; add --self");
  bench_report report{.scenario = "chaos",
                      .server = "3 owners and a gateway; 5 owners behind fault proxies"};
  report.connections = options.connections != 0 ? options.connections : 48;
  play(scenery::plain, options, report);
  play(scenery::proxied, options, report);
  return report;
}

} // namespace argosy::bench
