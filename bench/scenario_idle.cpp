#include "bench/bench_run.hpp"
#include "bench/process_stats.hpp"
#include "bench/scenario.hpp"

namespace argosy::bench {

bench_report run_idle(const bench_options& options) {
  auto chosen = options;
  if (chosen.connections == 0)
    chosen.connections = 100'000;
  if (chosen.self && chosen.name_space.empty())
    chosen.name_space = self_node::presence_namespace;
  bench_run run(chosen, false);
  bench_report report{.scenario = "idle", .server = options.target};
  auto plan = run.plan(chosen.connections);
  plan.room_size = options.room_size;
  plan.in_flight = 64;

  run.settle(nullptr);
  const auto user_before = run.server_bytes();
  const auto kernel_before = socket_kernel_bytes();
  const cpu_watch cpu(run);
  client_fleet fleet(plan, options.processes);
  run.await_ready(fleet, report);
  run.settle(&fleet);

  const auto n = static_cast<double>(report.connections);
  const auto kernel_after = socket_kernel_bytes();
  report.kernel_bytes_per_connection =
      (static_cast<double>(kernel_after) - static_cast<double>(kernel_before)) / n;
  if (run.sees_server()) {
    const auto user_after = run.server_bytes();
    report.user_bytes_per_connection =
        (static_cast<double>(user_after) - static_cast<double>(user_before)) / n;
    report.detail("server_cpu_us_per_connect", cpu.spent_ns() / n / 1e3);
    report.detail("server_rss_before_bytes", static_cast<double>(user_before));
    report.detail("server_rss_after_bytes", static_cast<double>(user_after));
  }
  report.detail("client_processes", static_cast<double>(fleet.processes()));
  report.detail("room_size", plan.room_size);
  report.notes.push_back("kernel bytes are those of both ends of a connection: clients and server "
                         "share this machine");
  const cpu_watch resting(run);
  run.wait(fleet, "resting", options.seconds, [] { return false; });
  if (run.sees_server())
    report.detail("resting_server_cores", resting.spent_ns() / 1e9 / options.seconds);
  report.errors += fleet.totals().lost;
  return report;
}

} // namespace argosy::bench
