#include "bench/bench_run.hpp"
#include "bench/fanout_load.hpp"
#include "bench/scenario.hpp"

#include <stdexcept>

namespace argosy::bench {

bench_report run_fanout(const bench_options& options) {
  bench_run run(options, false);
  if (!run.server().has_rooms())
    throw std::runtime_error("--target " + options.target
                             + " has no rooms: use idle, connect, tls or rooms --room-size 1");
  bench_report report{.scenario = "fanout", .server = options.target};
  client_fleet fleet(run.plan(run.connections_or(10'000)), options.processes);
  run.await_ready(fleet, report);
  run.settle(&fleet);
  measure_fanout(run, fleet, report);
  return report;
}

} // namespace argosy::bench
