// raft_backend: libraft's disk, network, clock and dice, all of them handed in.
//
// libraft asks through the table of functions `raft_io`. Each question is answered at once, from
// the store, into the outgoing tray, from the time of the call; but libraft must not be called back
// while it is still asking, so each answer's callback waits in a queue until `run_callbacks`, which
// the owner calls before he returns to his own caller. So between two calls nothing is under way.
//
// libraft is never told of a failed write. It would go on with a log that its followers may hold in
// another form, and on one path it frees a pointer that is none. Instead the first failure closes
// the tray: what libraft believes and says from then on reaches nobody, and the owner ends it.
#pragma once

#include "runtime/consensus/libraft.hpp"
#include "runtime/consensus/predecessor_clock.hpp"
#include "runtime/consensus/quorum_clock.hpp"
#include "runtime/consensus/raft_node.hpp"
#include "runtime/consensus/voter_list.hpp"

#include <deque>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace argosy::consensus {

class raft_backend {
public:
  using time_point = raft_node::time_point;

  raft_backend(raft_store& store, const voter_list& voters, std::uint64_t seed);
  raft_backend(const raft_backend&) = delete;
  raft_backend& operator=(const raft_backend&) = delete;

  raft_io* table() noexcept { return &io_; }

  void set_time(time_point now) noexcept { now_ = now; }
  void tick() { tick_(&io_); }
  /// Hands a message to libraft; its entries and configuration become libraft's.
  void deliver(const voter& from, const wire::consensus_rpc& rpc);
  /// Has libraft, which must not be leading, go on to that later term.
  void enter_term(const voter& from, std::uint64_t term);
  /// Until there is none left.
  void run_callbacks();

  std::vector<outgoing_rpc> take_outgoing() { return std::exchange(outgoing_, {}); }
  void fail(std::string sentence);
  const std::string& failure() const noexcept { return failure_; }
  const quorum_clock& quorum() const noexcept { return quorum_; }
  quorum_clock& quorum() noexcept { return quorum_; }
  const predecessor_clock& predecessors() const noexcept { return predecessors_; }
  predecessor_clock& predecessors() noexcept { return predecessors_; }
  raft_counters& counters() noexcept { return counters_; }
  time_point now() const noexcept { return now_; }

private:
  /// The message that libraft is working on, so that its answer can say what it answers.
  struct question {
    std::uint64_t from = 0; ///< 0 = none
    std::uint64_t term = 0;
    std::uint64_t round = 0;
    std::uint64_t end = 0; ///< the last entry that it vouches for
  };

  int load(raft_term* term, raft_id* vote, raft_snapshot** snapshot, raft_index* start,
           raft_entry* entries[], size_t* n);
  raft_snapshot* snapshot_copy() const;
  void send(const raft_message& message);
  void send(std::uint64_t to, const wire::consensus_rpc& rpc);
  wire::append_entries outgoing_entries(const raft_append_entries& m);
  wire::append_entries_result outgoing_result(std::uint64_t to,
                                              const raft_append_entries_result& m) const;
  void append(const raft_entry entries[], unsigned n);
  void put_snapshot(const raft_snapshot& snapshot, unsigned trailing);
  std::uint64_t round_of(std::uint64_t term);
  void write(std::string problem);
  void later(std::function<void()> callback) { callbacks_.push_back(std::move(callback)); }
  void fill_table();

  raft_io io_{};
  raft_io_tick_cb tick_ = nullptr;
  raft_io_recv_cb receive_ = nullptr;
  raft_store& store_;
  const voter_list& voters_;
  std::mt19937_64 dice_;
  time_point now_{};
  question question_;
  quorum_clock quorum_;
  predecessor_clock predecessors_;
  std::deque<std::function<void()>> callbacks_;
  std::vector<outgoing_rpc> outgoing_;
  std::string failure_;
  bool tray_closed_ = false;
  raft_counters counters_;
};

} // namespace argosy::consensus
