// connect_load: how much CPU a newcomer costs the server, from SYN to the answer of their last
// command.
#pragma once

#include "bench/bench_run.hpp"
#include "bench/report.hpp"

#include <string>

namespace argosy::bench {

/// How far each goes; one who `resumes` has a TLS ticket and goes as far as the upgrade.
enum class newcomer { upgrades, resumes, connects, subscribes };

struct connect_cost {
  double open_ns = 0;        ///< server CPU per newcomer who stays
  double close_ns = 0;       ///< and for their leaving (reset)
  double per_second = 0;     ///< by the wall clock, clients on the same machine
  double user_bytes = 0;     ///< server memory gained per newcomer
  std::uint64_t resumed = 0; ///< TLS handshakes that a ticket made short
};

/// Lets `connections` newcomers in at once, then out again.
connect_cost measure_connect(bench_run& run, std::uint32_t connections, newcomer how,
                             bench_report& report);

/// Writes the cost under names that begin with `name`: rates per second of server CPU, and the
/// like.
void report_connect(bench_report& report, const std::string& name, const connect_cost& cost);

} // namespace argosy::bench
