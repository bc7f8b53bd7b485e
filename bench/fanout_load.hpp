// fanout_load: one publisher, one room of N, in two phases whose figures would spoil each other.
//
// Saturated: the next publication leaves when all but `window` are delivered, so the server is
// always busy and never buried; this gives throughput and CPU per delivery. Paced: publications
// leave by the clock at about half that rate and are stamped with the time they were due; this
// gives the latency that somebody in the room would see.
#pragma once

#include "bench/bench_run.hpp"
#include "bench/client_fleet.hpp"
#include "bench/report.hpp"

namespace argosy::bench {

/// Runs both phases with the clients of `fleet`, who are ready, and the bare send() loop around the
/// first.
void measure_fanout(bench_run& run, client_fleet& fleet, bench_report& report);

} // namespace argosy::bench
