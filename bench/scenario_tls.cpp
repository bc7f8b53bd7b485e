#include "bench/connect_load.hpp"
#include "bench/fanout_load.hpp"
#include "bench/scenario.hpp"

namespace argosy::bench {

bench_report run_tls(const bench_options& options) {
  bench_run run(options, true);
  bench_report report{.scenario = "tls", .server = options.target};
  const auto n = run.connections_or(5'000);
  const auto cost = measure_connect(run, n, newcomer::upgrades, report);
  report_connect(report, "handshake_and_upgrade", cost);
  if (run.sees_server())
    report.user_bytes_per_connection = cost.user_bytes;
  const auto again = measure_connect(run, n, newcomer::resumes, report);
  report_connect(report, "resumed_handshake_and_upgrade", again);
  report.detail("resumed_share", static_cast<double>(again.resumed) / n);
  report.notes.push_back("user bytes are those of upgraded TLS connections without a session");
  if (!run.server().has_rooms())
    return report;
  client_fleet fleet(run.plan(n), options.processes);
  run.await_ready(fleet, report);
  run.settle(&fleet);
  measure_fanout(run, fleet, report);
  return report;
}

} // namespace argosy::bench
