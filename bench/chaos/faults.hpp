// faults: what can go wrong in a chaos run, by name (docs/reliability.md has the matrix).
//
// Each plays on a stage that is whole, reports figures that begin with its name, and leaves the
// stage whole.
#pragma once

#include "bench/chaos/stage.hpp"
#include "bench/report.hpp"

#include <functional>
#include <string>
#include <vector>

namespace argosy::bench::chaos {

/// Three voters a, b, c and a gateway g that talk to each other directly; or five voters behind
/// fault proxies.
enum class scenery { plain, proxied };

struct fault {
  std::string name;
  scenery where = scenery::plain;
  std::function<void(stage&, bench_report&, double seconds)> play;
};

/// All of them, in the order in which they are played.
std::vector<fault> all_faults();

// -- what they are made of ------------------------------------------------------------------------

/// kill -9, and in the end a new life.
void kill(stage& s, const std::string& name, const std::string& victim, bench_report& report);

/// A pause that is short enough to be forgiven.
void pause_briefly(stage& s, bench_report& report);

/// One that is not: the others go on without it, and it must come back as somebody new.
void pause_long(stage& s, int seconds, bench_report& report);

/// A fourth owner comes and goes for so long, and some rooms with it.
void come_and_go(stage& s, double seconds, bench_report& report);

/// Three of five on one side; the leader and another owner on the other.
void part_in_two(stage& s, bench_report& report);

/// A room with more to say than the line to its reader carries; the same over a fair line first.
void flood_a_slow_line(stage& s, bench_report& report);

} // namespace argosy::bench::chaos
