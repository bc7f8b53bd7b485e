// lease_fleet: a few voters that elect leaders, decide views and hand out leases, in virtual time.
//
// A small Raft (Ongaro, Ousterhout 2014) that ships its whole log, under messages that are lost and
// late, partitions, pauses and clocks of different speeds; the lease cores are the real ones. Each
// grant and each decision is held against the rule: nobody holds a lease under a view longer than
// 3.2 s after a later one was decided. The true time is the fleet's own; nodes see their clocks.
#pragma once

#include "runtime/cluster/lease_book.hpp"
#include "tests/unit/cluster/views.hpp"
#include "tests/unit/core/instant.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace argosy::testing {

class lease_fleet {
public:
  using duration = std::chrono::microseconds;
  using time_point = std::chrono::steady_clock::time_point;

  /// A rule that is left out, to show that the model would notice.
  enum class fault { none, ignore_quorum, ignore_acknowledgement, no_barrier, count_from_answer };

  lease_fleet(std::size_t nodes, unsigned seed, fault omitted = fault::none);

  /// Runs with partitions, pauses, loss and new views until `end`, or `calm`.
  void run_until(duration end, bool calm);

  std::size_t violations() const { return violations_; }
  std::size_t elections() const { return elections_; }
  std::size_t grants() const { return grants_; }
  std::uint64_t newest_decided() const {
    return decided_at_.empty() ? 0 : decided_at_.rbegin()->first;
  }
  /// True if each node holds a valid lease under the newest decided view.
  bool all_leased() const;

private:
  struct entry {
    std::uint64_t term;
    std::uint64_t view_no; ///< 0 = the barrier of a new leader
  };
  struct leadership {
    cluster::lease_book book;
    std::map<std::size_t, std::size_t> matched;
    std::map<std::size_t, time_point> answered; ///< when what it answered last was sent
    duration next_view;
  };
  struct voter {
    cluster::node_identity id;
    double speed = 1; ///< of its clock
    duration paused_until{0};
    std::uint64_t term = 0;
    std::optional<std::size_t> voted_for;
    std::vector<entry> log;
    std::uint64_t log_term = 0; ///< of the leader that wrote it
    std::size_t committed = 0;
    duration election_due{0};
    std::set<std::size_t> votes;
    std::optional<leadership> leads;
    std::uint64_t view_no = 0; ///< the newest it applied
    cluster::lease lease;
  };
  struct event {
    duration at;
    std::uint64_t number;
    std::size_t node;
    std::function<void(voter&)> run;
    bool operator<(const event& o) const {
      return std::pair{at, number} > std::pair{o.at, o.number};
    }
  };

  time_point clock(const voter& v) const;
  duration true_time(const voter& v, time_point instant) const;
  std::size_t majority() const { return voters_.size() / 2 + 1; }
  std::size_t index(const voter& v) const { return static_cast<std::size_t>(&v - voters_.data()); }
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  void plan(std::size_t node, duration after, std::function<void(voter&)> run);
  void send(const voter& from, std::size_t to, std::function<void(voter&)> run);
  void disturb();
  void beat(voter& v);
  void renew(voter& v);
  void stand(voter& v);
  void see_term(voter& v, std::uint64_t term);
  void lead(voter& v);
  void take_log(voter& v, std::size_t leader, std::uint64_t term, const std::vector<entry>& log,
                std::size_t committed, time_point sent_at);
  void take_answer(voter& v, std::size_t from, std::uint64_t term, std::size_t matched,
                   time_point sent_at);
  void commit(voter& v, std::size_t length);
  void propose(voter& v);
  void answer_request(voter& v, std::size_t from, std::uint64_t view_no, time_point asked_at);
  void hold_to_the_rule(const voter& v);
  cluster::view numbered(std::uint64_t no) const;

  std::mt19937_64 random_;
  fault omitted_;
  std::vector<voter> voters_;
  std::priority_queue<event> events_;
  std::map<std::uint64_t, duration> decided_at_;
  std::set<std::pair<std::size_t, std::size_t>> cut_; ///< from, to
  duration now_{0};
  duration calm_from_ = duration::max();
  std::uint64_t number_ = 0;
  std::size_t violations_ = 0;
  std::size_t elections_ = 0;
  std::size_t grants_ = 0;
};

} // namespace argosy::testing
