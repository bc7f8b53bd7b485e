// bench_run: what all scenarios share: the server under test, the stop watch on its CPU, the
// waiting with a deadline, and the line of progress once a second.
#pragma once

#include "bench/board.hpp"
#include "bench/client_fleet.hpp"
#include "bench/options.hpp"
#include "bench/publisher.hpp"
#include "bench/report.hpp"
#include "bench/self_node.hpp"
#include "bench/target.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace argosy::bench {

class bench_run {
public:
  /// Starts a node when the options ask for one. Throws std::runtime_error.
  explicit bench_run(bench_options options, bool tls);

  const bench_options& options() const noexcept { return options_; }
  const target& server() const noexcept { return *server_; }
  dialect how() const noexcept; ///< the clients speak
  std::uint32_t connections_or(std::uint32_t usual) const noexcept;

  /// A plan for `connections` clients of the server; the scenario changes what it needs.
  client_plan plan(std::uint32_t connections) const;
  std::unique_ptr<publisher> make_publisher() const;
  std::string room() const; ///< the room of `fanout`, and prefix 0 of any plan

  bool sees_server() const noexcept { return pid_ > 0; }
  std::uint64_t server_cpu_ns() const;
  std::uint64_t server_bytes() const;

  // -- waiting -----------------------------------------------------------------------------------

  /// Polls `done` each 200 us or so until it holds; false after `seconds`. Shows progress, and
  /// throws when a client process has died.
  bool wait(client_fleet& fleet, std::string_view label, double seconds,
            const std::function<bool()>& done);

  /// Waits until every client is ready or has failed; counts failures as errors of `report`. Throws
  /// std::runtime_error when the deadline passes or nobody got in.
  void await_ready(client_fleet& fleet, bench_report& report);

  /// Waits until `owed()` deliveries have arrived in all; counts those that never come as errors.
  /// Gives up when nothing has arrived for 5 s, or nobody is left to receive.
  void await_deliveries(client_fleet& fleet, const std::function<std::uint64_t()>& owed,
                        bench_report& report);

  /// Waits until the server's CPU rests (under 1 % for 300 ms), 10 s at most.
  void settle(client_fleet* fleet);

  /// Shows a line of progress when a second has passed since the last.
  void progress(client_fleet* fleet, std::string_view label);

  /// One turn of a loop that polls: progress, then a nap.
  void tick(client_fleet* fleet, std::string_view label);

private:
  bench_options options_;
  bool tls_;
  const target* server_;
  std::optional<self_node> node_;
  pid_t pid_ = 0;
  std::uint64_t began_ns_;
  std::uint64_t shown_ns_ = 0; ///< last line of progress
  fleet_totals shown_;
};

/// The CPU that the server spends between two looks.
class cpu_watch {
public:
  explicit cpu_watch(const bench_run& run) : run_(run), from_(run.server_cpu_ns()) {}
  double spent_ns() const { return static_cast<double>(run_.server_cpu_ns() - from_); }

private:
  const bench_run& run_;
  std::uint64_t from_;
};

} // namespace argosy::bench
