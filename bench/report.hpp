// report: what a run found, as one JSON object for programs and as lines for people.
//
// The names are the contract of `argosy bench --json`: a figure that a scenario does not measure is
// null, never absent, so that a reader need not know the scenarios.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace argosy::bench {

class latency_histogram;

struct latency_ms {
  double p50 = 0, p99 = 0, p999 = 0;
};

/// Percentiles of a histogram of nanoseconds; nothing when it is empty.
std::optional<latency_ms> percentiles(const latency_histogram& samples_ns);

struct bench_report {
  std::string scenario;
  std::string server;
  std::uint64_t connections = 0; ///< that were ready
  std::optional<double> user_bytes_per_connection{};
  std::optional<double> kernel_bytes_per_connection{}; ///< both ends, when both are on this machine
  std::optional<double> deliveries_per_s{};
  std::optional<double> server_cpu_ns_per_delivery{};
  std::optional<double> bare_send_ns{};
  std::optional<latency_ms> latency{};
  std::uint64_t errors = 0;
  std::vector<std::string> notes{};                      ///< sentences
  std::vector<std::pair<std::string, double>> details{}; ///< further figures, units in their names
  std::vector<std::string> groups{}; ///< how details begin that people are to see together

  std::optional<double> ratio_to_bare_send() const;
  void detail(std::string name, double value) { details.emplace_back(std::move(name), value); }
};

std::string to_json(const bench_report& report);
std::string to_text(const bench_report& report);

} // namespace argosy::bench
