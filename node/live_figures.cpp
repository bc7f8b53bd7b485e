#include "node/live_figures.hpp"

#include "runtime/core/json_writer.hpp"

#include <cstdio>

namespace argosy {

namespace {

std::string decimal(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.3f", value);
  return out;
}

/// The upper bound of the bucket in which the 99th percentile lies, in ms.
double p99_ms(const std::array<std::uint64_t, latency_buckets::size>& counts) {
  std::uint64_t total = 0;
  for (const auto n : counts)
    total += n;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts.size() && total > 0; ++i) {
    seen += counts[i];
    if (seen * 100 >= total * 99)
      return static_cast<double>(1ULL << i) / 1000;
  }
  return 0;
}

} // namespace

live_figures::live_figures(const node_services& services) : node_(services) {
}

live_figures::sample live_figures::take() const {
  sample s;
  s.at = std::chrono::steady_clock::now();
  s.published = static_cast<std::uint64_t>(node_.metrics.published.get());
  for (const auto& loop : node_.metrics.loops) {
    s.deliveries += loop.deliveries.get();
    for (std::size_t i = 0; i < s.latency.size(); ++i)
      s.latency[i] += loop.publish_to_write.bucket(i);
  }
  return s;
}

std::string live_figures::json() {
  const auto current = take();
  std::lock_guard guard{mutex_};
  if (current.at - next_.at >= std::chrono::seconds{1}) {
    base_ = next_.at == std::chrono::steady_clock::time_point{} ? current : next_;
    next_ = current;
  }
  const double seconds = std::chrono::duration<double>(current.at - base_.at).count();
  const auto rate = [&](std::uint64_t now, std::uint64_t then) {
    return seconds > 0 ? static_cast<double>(now - then) / seconds : 0.0;
  };
  std::uint64_t connections = 0;
  for (const auto& loop : node_.metrics.loops)
    connections += loop.opened.get() - loop.closed.get();
  std::array<std::uint64_t, latency_buckets::size> recent{};
  for (std::size_t i = 0; i < recent.size(); ++i)
    recent[i] = current.latency[i] - base_.latency[i];
  std::string out;
  json_writer w{out};
  w.open_object()
      .key("connections")
      .number(connections)
      .key("rooms")
      .number(std::uint64_t{node_.routes.count(address_kind::replica)})
      .key("users")
      .number(std::uint64_t{node_.routes.count(address_kind::user)})
      .key("deliveries_per_s")
      .raw(decimal(rate(current.deliveries, base_.deliveries)))
      .key("messages_per_s")
      .raw(decimal(rate(current.published, base_.published)))
      .key("latency_p99_ms")
      .raw(decimal(p99_ms(recent)))
      .key("uptime_s")
      .number(static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::seconds>(current.at - started_).count()))
      .close_object();
  return out;
}

} // namespace argosy
