#include "bench/fanout_load.hpp"

#include "bench/bare_reference.hpp"
#include "bench/stamp.hpp"

#include <algorithm>
#include <stdexcept>

namespace argosy::bench {

namespace {

constexpr std::uint64_t in_flight_least = 2'000; ///< deliveries; keeps a small room busy

struct load {
  bench_run& run;
  client_fleet& fleet;
  publisher& voice;
  std::uint64_t members;
};

void publish_now(load& l, std::string_view label) {
  l.voice.publish(stamped_payload(monotonic_ns(), l.run.options().payload_bytes));
  l.run.progress(&l.fleet, label);
}

/// Returns the bytes that one delivery takes on the wire.
std::size_t warm_up(load& l, bench_report& report) {
  constexpr int publications = 3;
  const auto from = l.fleet.totals();
  for (int i = 0; i < publications; ++i)
    publish_now(l, "warming up");
  l.run.await_deliveries(
      l.fleet, [&] { return from.deliveries + publications * l.members; }, report);
  const auto to = l.fleet.totals();
  if (to.deliveries == from.deliveries)
    throw std::runtime_error("nothing that was published arrived. " + l.fleet.complaint());
  return static_cast<std::size_t>((to.bytes - from.bytes) / (to.deliveries - from.deliveries));
}

void saturate(load& l, bench_report& report) {
  const auto& options = l.run.options();
  const auto in_flight_most = std::max(options.window * l.members, in_flight_least);
  const auto from = l.fleet.totals();
  const auto latency_from = l.fleet.latency_ns();
  const cpu_watch cpu(l.run);
  const auto begin_ns = monotonic_ns();
  const auto end_ns = begin_ns + static_cast<std::uint64_t>(options.seconds * 1e9);
  std::uint64_t published = 0;
  while (monotonic_ns() < end_ns) {
    const auto outstanding =
        published * l.members - (l.fleet.totals().deliveries - from.deliveries);
    if (outstanding + l.members <= in_flight_most) {
      publish_now(l, "saturated");
      ++published;
    } else {
      l.run.tick(&l.fleet, "saturated");
    }
  }
  l.run.await_deliveries(
      l.fleet, [&] { return from.deliveries + published * l.members; }, report);
  const auto spent_ns = cpu.spent_ns();
  const auto seconds = static_cast<double>(monotonic_ns() - begin_ns) / 1e9;
  const auto to = l.fleet.totals();
  const auto deliveries = static_cast<double>(to.deliveries - from.deliveries);
  report.deliveries_per_s = deliveries / seconds;
  if (l.run.sees_server()) {
    report.server_cpu_ns_per_delivery = spent_ns / deliveries;
    report.detail("server_cores_used", spent_ns / 1e9 / seconds);
  }
  report.detail("publications", static_cast<double>(published));
  report.detail("client_cpu_ns_per_delivery",
                static_cast<double>(to.cpu_ns - from.cpu_ns) / deliveries);
  auto latency = l.fleet.latency_ns();
  latency -= latency_from;
  if (const auto p = percentiles(latency)) {
    report.detail("saturated_latency_p50_ms", p->p50);
    report.detail("saturated_latency_p99_ms", p->p99);
    report.detail("saturated_latency_p999_ms", p->p999);
  }
}

void pace(load& l, bench_report& report) {
  const auto& options = l.run.options();
  const auto possible = report.deliveries_per_s.value_or(0) / static_cast<double>(l.members);
  const auto rate = options.rate > 0 ? options.rate : std::clamp(possible / 2, 0.5, 1'000.0);
  const auto interval_ns = static_cast<std::uint64_t>(1e9 / rate);
  const auto from = l.fleet.totals();
  const auto latency_from = l.fleet.latency_ns();
  const cpu_watch cpu(l.run);
  const auto end_ns = monotonic_ns() + static_cast<std::uint64_t>(options.seconds * 1e9);
  std::uint64_t published = 0;
  for (auto due_ns = monotonic_ns(); due_ns < end_ns; due_ns += interval_ns) {
    while (monotonic_ns() < due_ns)
      l.run.tick(&l.fleet, "paced");
    l.voice.publish(stamped_payload(due_ns, options.payload_bytes));
    ++published;
  }
  l.run.await_deliveries(
      l.fleet, [&] { return from.deliveries + published * l.members; }, report);
  auto latency = l.fleet.latency_ns();
  latency -= latency_from;
  report.latency = percentiles(latency);
  report.detail("paced_publications_per_s", rate);
  if (const auto n = l.fleet.totals().deliveries - from.deliveries; n != 0 && l.run.sees_server())
    report.detail("paced_server_cpu_ns_per_delivery", cpu.spent_ns() / static_cast<double>(n));
}

} // namespace

void measure_fanout(bench_run& run, client_fleet& fleet, bench_report& report) {
  const auto voice = run.make_publisher();
  load l{run, fleet, *voice, report.connections};
  fleet.order(phase::hold);
  const auto frame_bytes = warm_up(l, report);
  between_bare_sends(run, static_cast<std::uint32_t>(l.members), frame_bytes, report,
                     [&] { saturate(l, report); });
  pace(l, report);
  if (const auto lost = fleet.totals().lost; lost != 0) {
    report.errors += lost;
    report.notes.push_back(std::to_string(lost)
                           + " clients were cut off; the first: " + fleet.complaint());
  }
}

} // namespace argosy::bench
