#include "runtime/consensus/raft_engine.hpp"

#include "runtime/consensus/raft_memory.hpp"
#include "runtime/consensus/rpc_gate.hpp"

#include <algorithm>

namespace argosy::consensus {

namespace {

/// The voters as that store's log knows them.
std::string_view stored_voters(const stored_state& state) {
  for (auto e = state.entries.rbegin(); e != state.entries.rend(); ++e)
    if (e->kind == entry_kind::configuration)
      return e->data;
  return state.snapshot ? std::string_view{state.snapshot->configuration} : std::string_view{};
}

raft_role role_of(const raft& r) {
  switch (r.state) {
  case RAFT_FOLLOWER:
    return raft_role::follower;
  case RAFT_CANDIDATE:
    return raft_role::candidate;
  case RAFT_LEADER:
    return raft_role::leader;
  default:
    return raft_role::stopped;
  }
}

} // namespace

std::string raft_engine::start(time_point now) {
  if (auto problem = voters_.check(self_); !problem.empty())
    return problem;
  backend_.set_time(now);
  backend_.predecessors().led(now); // who, and until when, is not written down
  const auto& stored = store_.state();
  if (stored.pristine()) {
    if (auto problem = store_.bootstrap({1, entry_kind::configuration, voters_.bytes()});
        !problem.empty())
      return problem;
  } else {
    if (stored_voters(stored) != voters_.bytes())
      return "the stored views were agreed on by other voters: set cluster.seeds back to what they"
             " were, or start this node with an empty directory";
    mute_until_ = now + settings_.election;
  }
  fill_fsm();
  if (raft_init(&raft_, backend_.table(), &fsm_, self_, voters_.find(self_)->name.c_str()) != 0)
    return std::string{"libraft refuses to start: "} + raft_errmsg(&raft_);
  initialised_ = true;
  raft_set_election_timeout(&raft_, static_cast<unsigned>(settings_.election.count()));
  raft_set_heartbeat_timeout(&raft_, static_cast<unsigned>(settings_.heartbeat.count()));
  raft_set_install_snapshot_timeout(&raft_, static_cast<unsigned>(settings_.election.count()));
  raft_set_snapshot_threshold(&raft_, settings_.snapshot_every);
  raft_set_snapshot_trailing(&raft_, settings_.snapshot_trailing);
  raft_set_pre_vote(&raft_, true);
  if (raft_start(&raft_) != 0)
    return std::string{"libraft refuses the stored log: "} + raft_errmsg(&raft_);
  started_ = true;
  settle();
  return backend_.failure();
}

/// Runs all that the last call has set going, to its end.
void raft_engine::settle() {
  backend_.run_callbacks();
  open_leadership();
  if (raft_.state == RAFT_UNAVAILABLE)
    backend_.fail(std::string{"libraft has given up ("} + raft_errmsg(&raft_)
                  + "): restart the node");
  if (!backend_.failure().empty()) {
    seen_.role = raft_role::stopped;
    seen_.leader = 0;
    backend_.quorum().follow();
    return;
  }
  seen_.role = role_of(raft_);
  if (seen_.role == raft_role::leader)
    backend_.predecessors().led(backend_.now());
  seen_.term = raft_.current_term;
  seen_.commit_index = raft_.commit_index;
  if (seen_.role != raft_role::leader)
    backend_.quorum().follow();
  else if (const auto contact = last_quorum_contact())
    mute_until_ = std::max(mute_until_, *contact + settings_.election);
  const char* name = nullptr;
  raft_id leader = 0;
  raft_leader(&raft_, &leader, &name);
  seen_.leader = seen_.role == raft_role::leader ? self_ : leader;
}

/// A leader commits nothing of earlier terms before an entry of its own (Raft, section 3.6.2). It
/// must have one stored before it sees the first answer, since libraft counts by its newest entry.
void raft_engine::open_leadership() {
  if (raft_.state != RAFT_LEADER || led_term_ == raft_.current_term)
    return;
  led_term_ = raft_.current_term;
  backend_.predecessors().won(led_term_);
  if (!backend_.quorum().leads(led_term_)) // a single voter sends nothing that would say so
    backend_.quorum().lead(led_term_);
  auto* barrier = new barrier_request{};
  barrier->data = this;
  ++under_way_;
  if (raft_barrier(&raft_, barrier,
                   [](barrier_request* done, int) {
                     --static_cast<raft_engine*>(done->data)->under_way_;
                     delete done;
                   })
      != 0) {
    delete barrier;
    backend_.fail("libraft refuses the first entry of a leadership: restart the node");
  }
  backend_.run_callbacks();
}

/// A leader counts on each voter that followed him not to help anybody else to the place for an
/// election timeout. libraft holds to that as a follower. This adds the voter that has restarted
/// and forgotten whom it followed, and the leader himself, when a later term has made him step
/// down.
bool raft_engine::muted(time_point now, const wire::consensus_rpc& rpc) const {
  const auto* vote = std::get_if<wire::request_vote>(&rpc);
  return vote != nullptr && !vote->disrupt_leader && now < mute_until_;
}

/// libraft refuses a pre-vote under the term that was asked for, so a candidate never learns that
/// it asks for one that is over. If it is the only one whose log is new enough, nobody could ever
/// win.
void raft_engine::catch_up_with_term(const voter& sender, const wire::consensus_rpc& rpc) {
  const auto* answer = std::get_if<wire::request_vote_result>(&rpc);
  if (answer != nullptr && !answer->granted && raft_.state == RAFT_CANDIDATE
      && answer->voter_term > raft_.current_term)
    backend_.enter_term(sender, answer->voter_term);
}

/// When this voter has last followed somebody, and when those that vote for it have.
void raft_engine::note_leaders(time_point now, const wire::consensus_rpc& rpc) {
  auto& clock = backend_.predecessors();
  const auto* entries = std::get_if<wire::append_entries>(&rpc);
  const auto* snapshot = std::get_if<wire::install_snapshot>(&rpc);
  const auto term = entries != nullptr ? entries->term : snapshot != nullptr ? snapshot->term : 0;
  if (term != 0 && term >= raft_.current_term)
    clock.led(now);
  if (const auto* vote = std::get_if<wire::request_vote_result>(&rpc);
      vote != nullptr && vote->granted && !vote->pre_vote)
    clock.voted(vote->term, vote->since_leader_ms, now);
}

bool raft_engine::receive(time_point now, std::uint64_t from, std::string_view bytes) {
  if (!usable())
    return false;
  const auto* sender = from == self_ ? nullptr : voters_.find(from);
  const auto rpc = sender == nullptr ? std::nullopt : wire::read_consensus_rpc(bytes);
  const gate_facts facts{store_.state(), voters_.bytes(), raft_.commit_index,
                         raft_.state == RAFT_LEADER};
  if (!rpc || !plausible(*rpc, facts)) {
    ++backend_.counters().refused;
    return false;
  }
  if (muted(now, *rpc)) {
    ++backend_.counters().votes_muted;
    return true;
  }
  note_leaders(now, *rpc);
  run(now, [&] {
    backend_.deliver(*sender, *rpc);
    catch_up_with_term(*sender, *rpc);
  });
  return true;
}

/// One at a time: libraft commits only what a majority has together with the leader's newest entry,
/// so a leader that goes on adding some might never commit any.
bool raft_engine::propose(time_point now, std::string_view command) {
  if (!usable() || raft_.state != RAFT_LEADER || under_way_ > 0 || command.empty()
      || command.size() > command_bytes_max)
    return false;
  bool taken = false;
  run(now, [&] {
    auto* request = new apply_request{};
    request->data = this;
    const auto buffer = raft_copy(command);
    ++under_way_;
    taken = raft_apply(&raft_, request, &buffer, 1,
                       [](apply_request* done, int, void*) {
                         --static_cast<raft_engine*>(done->data)->under_way_;
                         delete done;
                       })
            == 0;
    if (!taken) {
      --under_way_;
      raft_free(buffer.base);
      delete request;
    }
  });
  return taken && usable();
}

bool raft_engine::transfer(time_point now) {
  if (!usable() || raft_.state != RAFT_LEADER || transferring_)
    return false;
  run(now, [&] {
    transfer_ = {};
    transfer_.data = this;
    transferring_ = raft_transfer(&raft_, &transfer_, 0,
                                  [](transfer_request* done) {
                                    static_cast<raft_engine*>(done->data)->transferring_ = false;
                                  })
                    == 0;
    if (transferring_)
      transferred_term_ = raft_.current_term;
  });
  return transferred_term_ == raft_.current_term;
}

/// libraft draws each wait from once to twice its timeout, so twice that ago is always over. It has
/// no call for this, but keeps the timer's start where its users may read it.
void raft_engine::expire_election(time_point now) {
  if (!usable() || (raft_.state != RAFT_FOLLOWER && raft_.state != RAFT_CANDIDATE))
    return;
  run(now, [&] {
    raft_.election_timer_start =
        raft_.io->time(raft_.io) - 2 * static_cast<raft_time>(settings_.election.count());
    backend_.tick();
  });
}

std::optional<raft_node::time_point> raft_engine::last_quorum_contact() const {
  if (seen_.role != raft_role::leader || transferred_term_ == seen_.term)
    return std::nullopt;
  return std::as_const(backend_).quorum().last_contact(
      std::chrono::floor<std::chrono::milliseconds>(backend_.now()));
}

// -- what libraft applies -------------------------------------------------------------------------

void raft_engine::fill_fsm() {
  fsm_.version = 1;
  fsm_.data = this;
  fsm_.apply = [](raft_fsm* fsm, const raft_buffer* command, void** result) noexcept {
    *result = nullptr;
    return of(fsm).apply(*command);
  };
  fsm_.snapshot = [](raft_fsm* fsm, raft_buffer* buffers[], unsigned* n) noexcept {
    return of(fsm).take_snapshot(buffers, n);
  };
  fsm_.restore = [](raft_fsm* fsm, raft_buffer* content) noexcept {
    return of(fsm).restore(*content);
  };
}

int raft_engine::apply(const raft_buffer& command) {
  if (backend_.failure().empty()) {
    fold_(state_, view_of(command));
    committed_.emplace_back(view_of(command));
  }
  return 0;
}

int raft_engine::take_snapshot(raft_buffer* buffers[], unsigned* n) const {
  if (state_.size() > command_bytes_max) // it would not reach a voter that lags; keep the log
    return RAFT_BUSY;
  *n = 1;
  *buffers = static_cast<raft_buffer*>(raft_memory(sizeof(raft_buffer)));
  **buffers = raft_copy(state_);
  return 0;
}

int raft_engine::restore(raft_buffer& content) {
  if (backend_.failure().empty()) {
    state_ = view_of(content);
    restored_ = state_;
    committed_.clear();
  }
  raft_free(content.base);
  return 0;
}

} // namespace argosy::consensus
