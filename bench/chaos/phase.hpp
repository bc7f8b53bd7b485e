// phase: one fault of a chaos run, from a crowd at ease to the books laid side by side.
#pragma once

#include "bench/chaos/crowd.hpp"
#include "bench/chaos/fleet.hpp"
#include "bench/report.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace argosy::bench::chaos {

/// The fleet, the loop that all people live on, and the waiting.
class stage {
public:
  /// Three voters a, b, c, and a gateway g that owns nothing.
  stage(std::size_t listeners, std::vector<std::string> settings);

  fleet& nodes() noexcept { return fleet_; }
  static std::set<std::string> everybody() { return {"a", "b", "c", "g"}; }
  static std::set<std::string> without(const std::string& name);

  /// Runs the loop until `done`; throws std::runtime_error with `what` after `seconds`.
  void until(std::string_view what, double seconds, const std::function<bool()>& done);
  /// Runs the loop for so long.
  void run(std::chrono::milliseconds time);
  /// Starts a node and waits until all agree that it is one of `members`.
  void enter(const std::string& name, const std::set<std::string>& members);
  std::unique_ptr<crowd> gather(const std::string& phase);

private:
  boost::asio::io_context io_;
  fleet fleet_;
  std::size_t listeners_;
};

/// One phase: people talk, something happens, people talk on; then all is counted.
class phase {
public:
  phase(stage& on, std::string name, bench_report& into);

  /// Something goes wrong now; figures count from here.
  void fault() { fault_ = std::chrono::steady_clock::now(); }
  /// Waits until exactly `members` are up, and notes the time since the fault.
  void await_view(const std::set<std::string>& members);
  void note(std::string_view figure, double value);
  double since_fault_ms() const;

  /// Waits until each room has acknowledged something new, ends the talk, reads all rooms, and
  /// reports. What the promises forbid counts as errors.
  void settle();

private:
  void report();

  stage& stage_;
  std::string name_;
  bench_report& report_;
  std::unique_ptr<crowd> crowd_;
  instant fault_{};
};

} // namespace argosy::bench::chaos
