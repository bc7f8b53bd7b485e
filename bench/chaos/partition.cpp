// The partition of five nodes in two (F4): whoever is with the majority goes on; the minority
// acknowledges nothing once its lease is over; in the end there is one fleet and one history.
#include "bench/chaos/faults.hpp"
#include "bench/chaos/phase.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>

namespace argosy::bench::chaos {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

using names = std::set<std::string>;

constexpr milliseconds on_the_way{50}; ///< for what was said before a fence to get to its reader

/// So many rooms that both sides own some of each half's, and each has a listener on each node of
/// its half: what no other node has received may be lost.
crowd_plan half(const stage& s, const names& nodes, std::size_t rooms) {
  auto plan = s.ordinary_crowd();
  plan.homes.assign(nodes.begin(), nodes.end());
  plan.rooms = rooms;
  plan.listeners = rooms * nodes.size();
  return plan;
}

/// Waits until all of the minority say that they have no lease, and the others have gone on.
void await_two_halves(stage& s, phase& p, const names& minority, const names& majority,
                      instant& fenced_at) {
  bool fenced = false, viewed = false;
  s.until("the minority is fenced, and the majority acts without it", patience_s, [&] {
    const auto says = [&](const auto& name) {
      return s.nodes().metric(name, "argosy_cluster_fenced") == 1;
    };
    if (!viewed && s.nodes().agreed(majority)) {
      viewed = true;
      p.note("new_view_ms", p.since_fault_ms());
    }
    if (!fenced && std::all_of(minority.begin(), minority.end(), says)) {
      fenced = true;
      p.note("fenced_ms", p.since_fault_ms());
      s.run(on_the_way);
      fenced_at = steady_clock::now();
    }
    return fenced && viewed;
  });
}

double published_at(stage& s, const names& nodes) {
  double sum = 0;
  for (const auto& name : nodes)
    sum += s.nodes().metric(name, "argosy_publications_total");
  return sum;
}

} // namespace

void part_in_two(stage& s, bench_report& report) {
  const names minority{s.nodes().leader(), s.an_owner()};
  const auto majority = s.without(minority);
  phase p(s, "partition", report, half(s, majority, 16));
  const auto owned = published_at(s, minority);
  s.run(milliseconds(1'000));
  p.broken(published_at(s, minority) > owned ? 0 : 1, "the minority owned no room of the others");
  const auto& left = p.join("minority", half(s, minority, 6));
  s.run(milliseconds(1'000));
  s.nodes().part(minority, majority);
  p.fault();
  instant fenced_at;
  await_two_halves(s, p, minority, majority, fenced_at);
  p.await_acks();
  s.run(milliseconds(1'000));
  const auto mended = steady_clock::now();
  const auto late = left.books().acked_between(fenced_at, mended);
  p.note("minority_acked_after_fence", static_cast<double>(late));
  p.broken(late, "the minority acknowledged something after its fence");
  s.nodes().heal();
  p.note("restarted", static_cast<double>(s.restore()));
  p.note("converged_ms",
         std::chrono::duration<double, std::milli>(steady_clock::now() - mended).count());
  p.settle();
}

} // namespace argosy::bench::chaos
