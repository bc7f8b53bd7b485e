#include "bench/bare_reference.hpp"
#include "bench/bench_run.hpp"
#include "bench/scenario.hpp"
#include "bench/stamp.hpp"

#include <algorithm>
#include <stdexcept>

namespace argosy::bench {

namespace {

struct figures {
  double deliveries = 0, deliveries_per_s = 0, published = 0, cpu_ns = 0, client_cpu_ns = 0,
         bytes = 0;
  latency_histogram latency_ns;
};

/// Lets the first member of each room publish for `seconds`, then waits until the last word has
/// arrived.
figures talk(bench_run& run, client_fleet& fleet, double seconds, std::uint32_t rate,
             std::string_view label, bench_report& report) {
  figures f;
  const auto from = fleet.totals();
  const auto latency_from = fleet.latency_ns();
  const cpu_watch cpu(run);
  const auto begin_ns = monotonic_ns();
  fleet.order(phase::publish, rate);
  run.wait(fleet, label, seconds, [] { return false; });
  fleet.order(phase::hold);
  const auto owed = [&] {
    const auto t = fleet.totals();
    return from.deliveries + (t.published - from.published) * run.options().room_size;
  };
  run.await_deliveries(fleet, owed, report);
  const auto to = fleet.totals();
  f.cpu_ns = cpu.spent_ns();
  f.deliveries = static_cast<double>(to.deliveries - from.deliveries);
  f.deliveries_per_s = f.deliveries / (static_cast<double>(monotonic_ns() - begin_ns) / 1e9);
  f.published = static_cast<double>(to.published - from.published);
  f.client_cpu_ns = static_cast<double>(to.cpu_ns - from.cpu_ns);
  f.bytes = static_cast<double>(to.bytes - from.bytes);
  f.latency_ns = fleet.latency_ns();
  f.latency_ns -= latency_from;
  if (f.deliveries == 0)
    throw std::runtime_error("nothing that members published arrived. " + fleet.complaint());
  return f;
}

void report_saturated(bench_run& run, const figures& f, bench_report& report) {
  report.deliveries_per_s = f.deliveries_per_s;
  if (run.sees_server())
    report.server_cpu_ns_per_delivery = f.cpu_ns / f.deliveries;
  report.detail("publications_per_s", f.deliveries_per_s * f.published / f.deliveries);
  report.detail("client_cpu_ns_per_delivery", f.client_cpu_ns / f.deliveries);
  if (const auto p = percentiles(f.latency_ns)) {
    report.detail("saturated_latency_p50_ms", p->p50);
    report.detail("saturated_latency_p99_ms", p->p99);
    report.detail("saturated_latency_p999_ms", p->p999);
  }
}

} // namespace

bench_report run_rooms(const bench_options& options) {
  bench_run run(options, false);
  bench_report report{.scenario = "rooms", .server = options.target};
  auto plan = run.plan(run.connections_or(1'000) / options.room_size * options.room_size);
  plan.room_size = options.room_size;
  client_fleet fleet(plan, options.processes);
  run.await_ready(fleet, report);
  run.settle(&fleet);

  const auto warm = talk(run, fleet, 0.5, 0, "warming up", report);
  const auto frame_bytes = static_cast<std::size_t>(warm.bytes / warm.deliveries);
  between_bare_sends(run, static_cast<std::uint32_t>(report.connections), frame_bytes, report, [&] {
    report_saturated(run, talk(run, fleet, options.seconds, 0, "saturated", report), report);
  });
  const auto possible = *report.deliveries_per_s / options.room_size;
  const auto rate = options.rate > 0 ? options.rate : std::max(1.0, possible / 2);
  const auto paced =
      talk(run, fleet, options.seconds, static_cast<std::uint32_t>(rate), "paced", report);
  report.latency = percentiles(paced.latency_ns);
  report.detail("paced_publications_per_s", rate);
  if (run.sees_server())
    report.detail("paced_server_cpu_ns_per_delivery", paced.cpu_ns / paced.deliveries);
  report.detail("room_size", plan.room_size);
  report.notes.push_back("a delivery carries its share of receiving the publication and answering "
                         "its sender");
  if (const auto lost = fleet.totals().lost; lost != 0) {
    report.errors += lost;
    report.notes.push_back(std::to_string(lost)
                           + " clients were cut off; the first: " + fleet.complaint());
  }
  return report;
}

} // namespace argosy::bench
