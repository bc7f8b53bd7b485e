// fault_driver: does to a simulated fleet what its plan says, and undoes it.
#pragma once

#include "tests/sim/scenario_plan.hpp"

#include <functional>
#include <map>
#include <vector>

namespace argosy::sim {

class fault_driver {
public:
  fault_driver(const scenario_plan& plan, sim_world& world, run_log& log)
      : plan_(plan), world_(world), log_(log) {}

  /// Begins and ends what is due `since_start` of the run; storms are the caller's: it is told.
  void turn(std::chrono::milliseconds since_start, const std::function<void()>& storm);

  /// Ends everything at once; every node of the plan runs afterwards. Who is leaving goes on with
  /// it, by `turn`, and comes back.
  void heal();

  /// Starts anew who has lost its membership and, by itself, never comes back; as a supervisor
  /// would, a while after it was seen.
  void supervise();

private:
  using time = std::chrono::milliseconds;

  void begin(const fault& f);
  void each_way(const std::vector<std::string>& side, bool cut);
  void end_left(const std::string& name, std::uint64_t life, time at_the_latest);
  void undo_later(const fault& f, std::function<void()> how);
  void start(const std::string& name);
  std::vector<std::string> rooms_of(const std::string& node);

  const scenario_plan& plan_;
  sim_world& world_;
  run_log& log_;
  std::size_t next_ = 0;
  std::multimap<time, std::function<void()>> undo_; ///< by the world's time
  std::map<std::string, time> outcast_since_;
};

} // namespace argosy::sim
