// client_fleet: the controller's view of its client processes: starts them, orders them about, adds
// up what their boards say, and makes sure that none outlives the run.
#pragma once

#include "bench/board.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace argosy::bench {

/// The counters of all client processes, added up.
struct fleet_totals {
  std::uint64_t attempted = 0, upgraded = 0, ready = 0, resumed = 0, failed = 0, lost = 0;
  std::uint64_t reads = 0, bytes = 0, deliveries = 0, published = 0, cpu_ns = 0;
};

class client_fleet {
public:
  /// Splits `whole.connections` over as many processes as the descriptor limit demands (at least
  /// `processes`; whole rooms stay together) and starts them. Connecting begins at once.
  client_fleet(const client_plan& whole, std::uint32_t processes);

  /// Ends the processes, those that do not listen by force.
  ~client_fleet();
  client_fleet(const client_fleet&) = delete;
  client_fleet& operator=(const client_fleet&) = delete;

  /// `publishes_per_s` is for all together; 0: one publication in flight per room.
  void order(phase now, std::uint32_t publishes_per_s = 0);

  fleet_totals totals() const;
  latency_histogram latency_ns() const;
  std::uint32_t connections() const noexcept { return connections_; }
  std::size_t processes() const noexcept { return members_.size(); }

  /// The first thing that went wrong in any process, or empty.
  std::string complaint() const;

  /// Throws std::runtime_error when a process has ended on its own.
  void check_alive();

  /// Tells all to disconnect and end; waits up to 20 s.
  void stop();

private:
  struct member {
    shared_board board;
    pid_t pid = -1;
    int wake = -1;
  };

  void start(const client_plan& part);

  std::vector<member> members_;
  std::uint32_t connections_ = 0;
};

} // namespace argosy::bench
