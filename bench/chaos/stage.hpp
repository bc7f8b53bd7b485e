// stage: a fleet, the loop that all people live on, and the waiting.
//
// Faults come and go on it one after the other; each leaves it as it was found: all nodes up, all
// lines fair.
#pragma once

#include "bench/chaos/crowd.hpp"
#include "bench/chaos/fleet.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace argosy::bench::chaos {

inline constexpr double patience_s = 30; ///< for whatever is bound to happen

class stage {
public:
  /// Starts the whole fleet; returns when it is one.
  stage(std::size_t listeners, fleet_plan plan);

  fleet& nodes() noexcept { return fleet_; }
  boost::asio::io_context& loop() noexcept { return io_; }
  std::set<std::string> everybody() const;
  std::set<std::string> without(const std::set<std::string>& names) const;
  /// A voter that does not lead, so that nothing but its rooms and sockets is missed.
  std::string an_owner();

  /// Runs the loop until `done`; throws std::runtime_error with `what` after `seconds`.
  void until(std::string_view what, double seconds, const std::function<bool()>& done);
  /// Runs the loop for so long.
  void run(std::chrono::milliseconds time);
  /// Starts a node and waits until all agree that it is one of `members`.
  void enter(const std::string& name, const std::set<std::string>& members);
  /// Sees to it that everybody is there again, as a supervisor would: starts who has ended. How
  /// many that were.
  std::size_t restore();

  /// People on all nodes; their phase is to be named.
  crowd_plan ordinary_crowd() const;
  std::unique_ptr<crowd> gather(crowd_plan plan);

private:
  boost::asio::io_context io_;
  fleet fleet_;
  std::size_t listeners_;
};

} // namespace argosy::bench::chaos
