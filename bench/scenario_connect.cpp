#include "bench/connect_load.hpp"
#include "bench/scenario.hpp"

namespace argosy::bench {

bench_report run_connect(const bench_options& options) {
  bench_run run(options, false);
  bench_report report{.scenario = "connect", .server = options.target};
  const auto n = run.connections_or(15'000);
  measure_connect(run, n, newcomer::upgrades, report); // memory touched for the first time is dear
  report_connect(report, "upgrade", measure_connect(run, n, newcomer::upgrades, report));
  if (run.server().has_introduction())
    report_connect(report, "connect", measure_connect(run, n, newcomer::connects, report));
  report_connect(report, "subscribe", measure_connect(run, n, newcomer::subscribes, report));
  report.notes.push_back(
      "each newcomer costs what stands under *_cpu_us until they are in, all the "
      "way; leaving is apart, under *_close_cpu_us");
  return report;
}

} // namespace argosy::bench
