// phase: one fault of a chaos run, from a crowd at ease to the books laid side by side.
#pragma once

#include "bench/chaos/crowd.hpp"
#include "bench/chaos/stage.hpp"
#include "bench/report.hpp"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::bench::chaos {

/// People talk, something happens, people talk on; then all is counted.
class phase {
public:
  /// A crowd at ease, of ordinary size on all nodes unless said otherwise. `name` is how all
  /// figures begin, and the names of the rooms.
  phase(stage& on, std::string name, bench_report& into);
  phase(stage& on, std::string name, bench_report& into, crowd_plan plan);

  /// Further people, with rooms of their own, who are prepared to lose something: whatever their
  /// rooms do not hold in the end counts. Their figures begin with the phase's name and `who`.
  const crowd& join(const std::string& who, crowd_plan plan);
  const crowd& people() const noexcept { return *groups_.front().people; }

  /// Something goes wrong now; figures count from here.
  void fault() { fault_ = std::chrono::steady_clock::now(); }
  /// Waits until exactly `members` are up, and notes the time since the fault.
  void await_view(const std::set<std::string>& members);
  /// Waits until each room of the first crowd has acknowledged something said since the fault.
  void await_acks();
  void note(std::string_view figure, double value);
  double since_fault_ms() const;
  /// So many promises are broken: `why`, a sentence, if there are any.
  void broken(std::uint64_t count, std::string_view why);

  /// Waits until each room has acknowledged something new, ends the talk, reads all rooms by all
  /// nodes, and reports. What the promises forbid counts as errors.
  void settle();

private:
  struct group {
    std::string prefix;  ///< of its figures
    bool strict = false; ///< lost is what its rooms do not hold, though listeners had it
    std::unique_ptr<crowd> people{};
  };

  const crowd& gather(group g, crowd_plan plan);
  void await_acks(const crowd& people);
  void report_times(const group& g);
  void report(const group& g);

  stage& stage_;
  std::string name_;
  bench_report& report_;
  std::vector<group> groups_;
  instant fault_{};
};

} // namespace argosy::bench::chaos
