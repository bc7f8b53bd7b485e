// link_figures: what one link has done, written by its actor and read by any thread.
#pragma once

#include "runtime/cluster/outbox.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace argosy {

struct link_figures {
  std::atomic<bool> connected{false};
  std::atomic<std::uint64_t> envelopes_out{0};
  std::atomic<std::uint64_t> envelopes_in{0};
  std::atomic<std::uint64_t> bytes_out{0}; ///< of batches, headers included
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> batches_out{0};
  std::atomic<std::uint64_t> not_understood{0}; ///< envelopes that did not make sense
  std::atomic<std::uint64_t> questions{0};      ///< that wait for an answer
  std::atomic<std::uint64_t> queued_bytes{0};
  std::atomic<std::uint64_t> in_flight_bytes{0}; ///< sent and not yet handled by the peer
  std::array<std::atomic<std::uint64_t>, cluster::outbox::loss_count> lost{}; ///< by reason
};

/// Of a counter that one thread alone writes.
inline void bump(std::atomic<std::uint64_t>& figure, std::uint64_t by = 1) noexcept {
  figure.store(figure.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

} // namespace argosy
