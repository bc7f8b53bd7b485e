// scenario: the questions that `argosy bench` asks a server. Each runs to its end in bounded
// time and throws std::runtime_error with a sentence when it cannot give an answer.
#pragma once

#include "bench/options.hpp"
#include "bench/report.hpp"

#include <string>
#include <vector>

namespace argosy::bench {

/// What does a connection cost that does nothing? N users, each subscribed to a room with presence.
bench_report run_idle(const bench_options& options);

/// What does a delivery cost, from one room to N subscribers?
bench_report run_fanout(const bench_options& options);

/// And in many small rooms, where members publish themselves?
bench_report run_rooms(const bench_options& options);

/// How many newcomers can a core let in?
bench_report run_connect(const bench_options& options);

/// The same questions (newcomers, memory, fan-out) over TLS.
bench_report run_tls(const bench_options& options);

/// What does it cost when a node of a fleet dies, stands still, comes or goes, or a line is bad?
bench_report run_chaos(const bench_options& options);

/// The names of the faults that it knows.
std::vector<std::string> chaos_faults();

/// What does it cost that the listeners of a room are spread over several nodes?
bench_report run_spread(const bench_options& options);

} // namespace argosy::bench
