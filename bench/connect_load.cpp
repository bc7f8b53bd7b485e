#include "bench/connect_load.hpp"

#include "bench/stamp.hpp"

namespace argosy::bench {

connect_cost measure_connect(bench_run& run, std::uint32_t connections, newcomer how,
                             bench_report& report) {
  auto plan = run.plan(connections);
  plan.upgrade_only = how == newcomer::upgrades || how == newcomer::resumes;
  plan.tls_resume = how == newcomer::resumes;
  plan.subscribe = how == newcomer::subscribes;
  plan.room_size = how == newcomer::subscribes ? run.options().room_size : 0;
  connect_cost cost;
  run.settle(nullptr);
  const auto bytes_before = run.server_bytes();
  const cpu_watch opening(run);
  const auto begin_ns = monotonic_ns();
  client_fleet fleet(plan, run.options().processes);
  run.await_ready(fleet, report);
  const auto seconds = static_cast<double>(monotonic_ns() - begin_ns) / 1e9;
  run.settle(&fleet);
  const auto n = static_cast<double>(report.connections);
  cost.open_ns = opening.spent_ns() / n;
  cost.per_second = n / seconds;
  cost.user_bytes =
      (static_cast<double>(run.server_bytes()) - static_cast<double>(bytes_before)) / n;
  report.errors += fleet.totals().lost;
  cost.resumed = fleet.totals().resumed;
  const cpu_watch closing(run);
  fleet.stop();
  run.settle(nullptr);
  cost.close_ns = closing.spent_ns() / n;
  return cost;
}

void report_connect(bench_report& report, const std::string& name, const connect_cost& cost) {
  if (cost.open_ns > 0) {
    report.detail(name + "s_per_server_core_s", 1e9 / cost.open_ns);
    report.detail(name + "_cpu_us", cost.open_ns / 1e3);
    report.detail(name + "_close_cpu_us", cost.close_ns / 1e3);
  }
  report.detail(name + "s_per_s", cost.per_second);
}

} // namespace argosy::bench
