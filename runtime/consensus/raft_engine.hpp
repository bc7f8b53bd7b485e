// raft_engine: what a raft_node is inside: libraft, its backend, and what is done before and after
// each call of it.
//
// Each entry hands in the time, makes one step of libraft and then runs all that the step has set
// going, so that nothing is under way in between. Around libraft stand the rules that it lacks:
// what is refused (`rpc_gate`), when a vote is withheld (`muted`), that a leadership opens with an
// entry of its own, and that proposals go one at a time.
#pragma once

#include "runtime/consensus/libraft.hpp"
#include "runtime/consensus/raft_backend.hpp"
#include "runtime/consensus/raft_node.hpp"
#include "runtime/consensus/voter_list.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy::consensus {

// libraft has functions of these names, too.
using apply_request = struct ::raft_apply;
using barrier_request = struct ::raft_barrier;
using transfer_request = struct ::raft_transfer;

class raft_engine {
public:
  using time_point = raft_node::time_point;

  raft_engine(const raft_settings& settings, std::uint64_t self, std::vector<voter> voters,
              raft_store& store, std::uint64_t seed, fold_command fold)
      : settings_(settings), self_(self), voters_(std::move(voters)), store_(store),
        backend_(store, voters_, seed), fold_(std::move(fold)) {}

  raft_engine(const raft_engine&) = delete;
  raft_engine& operator=(const raft_engine&) = delete;
  ~raft_engine() {
    if (!initialised_)
      return;
    raft_close(&raft_, nullptr);
    backend_.run_callbacks();
  }

  std::string start(time_point now);
  void tick(time_point now) {
    run(now, [this] { backend_.tick(); });
  }
  bool receive(time_point now, std::uint64_t from, std::string_view bytes);
  bool propose(time_point now, std::string_view command);
  bool transfer(time_point now);
  void expire_election(time_point now);

  /// What of libraft's state was true when the last call ended without a failure.
  struct snapshot_of_state {
    raft_role role = raft_role::stopped;
    std::uint64_t term = 0;
    std::uint64_t leader = 0;
    std::uint64_t commit_index = 0;
  };

  raft_backend& backend() noexcept { return backend_; }
  const snapshot_of_state& seen() const noexcept { return seen_; }
  std::optional<time_point> last_quorum_contact() const;
  time_point predecessors_contact() const {
    return std::as_const(backend_).predecessors().last_contact();
  }

  const std::string& state() const noexcept { return state_; }
  std::optional<std::string> take_restored() { return std::exchange(restored_, std::nullopt); }
  std::vector<std::string> take_committed() { return std::exchange(committed_, {}); }

private:
  bool usable() const noexcept { return started_ && backend_.failure().empty(); }
  template <class Step>
  void run(time_point now, Step&& step) {
    if (!usable())
      return;
    backend_.set_time(now);
    step();
    settle();
  }
  void settle();
  void open_leadership();
  void note_leaders(time_point now, const wire::consensus_rpc& rpc);
  void catch_up_with_term(const voter& sender, const wire::consensus_rpc& rpc);
  bool muted(time_point now, const wire::consensus_rpc& rpc) const;
  void fill_fsm();

  int apply(const raft_buffer& command);
  int take_snapshot(raft_buffer* buffers[], unsigned* n) const;
  int restore(raft_buffer& content);
  static raft_engine& of(raft_fsm* fsm) { return *static_cast<raft_engine*>(fsm->data); }

  raft_settings settings_;
  std::uint64_t self_;
  voter_list voters_;
  raft_store& store_;
  raft_backend backend_;
  fold_command fold_;
  raft raft_{};
  raft_fsm fsm_{};
  transfer_request transfer_{};
  std::uint64_t led_term_ = 0;         ///< the newest that this voter has opened as its leader
  std::uint64_t transferred_term_ = 0; ///< the newest whose leadership it offered to another
  std::size_t under_way_ = 0;          ///< entries of this leader that are not committed yet
  time_point mute_until_{};
  std::string state_;
  std::optional<std::string> restored_;
  std::vector<std::string> committed_;
  snapshot_of_state seen_;
  bool initialised_ = false;
  bool started_ = false;
  bool transferring_ = false;
};

} // namespace argosy::consensus
