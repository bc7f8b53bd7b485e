// bare_reference: the bare send() loop before and after a measurement, with frames of the size that
// the server sends. The mean of the two is what the measurement is compared with: a machine that is
// disturbed is disturbed for both.
#pragma once

#include "bench/bench_run.hpp"
#include "bench/report.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace argosy::bench {

/// Calls `measure` between two runs of the loop and writes bare_send_ns into `report`.
void between_bare_sends(const bench_run& run, std::uint32_t connections, std::size_t frame_bytes,
                        bench_report& report, const std::function<void()>& measure);

} // namespace argosy::bench
