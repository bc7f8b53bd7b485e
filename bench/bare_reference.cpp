#include "bench/bare_reference.hpp"

#include "bench/bare_send.hpp"

#include <string>

namespace argosy::bench {

void between_bare_sends(const bench_run& run, std::uint32_t connections, std::size_t frame_bytes,
                        bench_report& report, const std::function<void()>& measure) {
  const auto seconds = run.options().bare_seconds;
  if (seconds <= 0)
    return measure();
  const std::string frame(frame_bytes, 'x');
  const auto before = run_bare_send(connections, frame, seconds / 2);
  measure();
  const auto after = run_bare_send(connections, frame, seconds / 2);
  report.bare_send_ns = (before.ns_per_send + after.ns_per_send) / 2;
  report.detail("bare_send_before_ns", before.ns_per_send);
  report.detail("bare_send_after_ns", after.ns_per_send);
  report.detail("bare_sends_per_s", (before.sends_per_s + after.sends_per_s) / 2);
  report.detail("frame_bytes", static_cast<double>(frame_bytes));
  if (before.connections < connections)
    report.notes.push_back("the bare send() loop ran with " + std::to_string(before.connections)
                           + " connections, all that the descriptor limit allows");
}

} // namespace argosy::bench
