// live_figures: the few numbers the page shows, as rates over the last second or so.
#pragma once

#include "actors/node_services.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace argosy {

class live_figures {
public:
  explicit live_figures(const node_services& services);

  /// One JSON object; any thread.
  std::string json();

private:
  struct sample {
    std::chrono::steady_clock::time_point at{};
    std::uint64_t deliveries = 0;
    std::uint64_t published = 0;
    std::array<std::uint64_t, latency_buckets::size> latency{};
  };
  sample take() const;

  const node_services& node_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  sample base_; ///< what rates are counted from; at least a second old
  sample next_;
};

} // namespace argosy
