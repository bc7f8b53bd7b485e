// run_log: what happened in a simulated run: records for the judge, and a trace for people.
//
// Every line of the trace goes into a hash, so that two runs of a seed can be told apart or not.
#pragma once

#include "tests/checker/records.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::sim {

class run_log {
public:
  /// Sets the time of what follows.
  void at(checker::moment now) noexcept { now_ = now; }
  checker::moment now() const noexcept { return now_; }

  /// Enters a record, with the time of now.
  template <class Record>
  void enter(Record r) {
    r.at = now_;
    note(checker::text(r));
    records_.emplace_back(std::move(r));
  }

  /// Something worth knowing that the judge does not read.
  void note(std::string line);

  /// A promise of the simulation itself is broken; each sentence counts once.
  void complain(const std::string& sentence);

  const checker::chronicle& records() const noexcept { return records_; }
  const std::vector<std::string>& trace() const noexcept { return trace_; }
  const std::vector<std::string>& complaints() const noexcept { return complaints_; }
  std::uint64_t hash() const noexcept { return hash_; }

private:
  checker::moment now_{};
  checker::chronicle records_;
  std::vector<std::string> trace_;
  std::vector<std::string> complaints_;
  std::set<std::string> said_;
  std::uint64_t hash_ = 14695981039346656037ULL; // FNV-1a
};

} // namespace argosy::sim
