#include "runtime/consensus/raft_node.hpp"

#include "runtime/consensus/raft_engine.hpp"

#include <utility>

namespace argosy::consensus {

std::string_view to_string(raft_role role) noexcept {
  switch (role) {
  case raft_role::stopped:
    return "stopped";
  case raft_role::follower:
    return "follower";
  case raft_role::candidate:
    return "candidate";
  case raft_role::leader:
    return "leader";
  }
  return "";
}

raft_node::raft_node(const raft_settings& settings, std::uint64_t self, std::vector<voter> voters,
                     raft_store& store, std::uint64_t seed, fold_command fold)
    : engine_(std::make_unique<raft_engine>(settings, self, std::move(voters), store, seed,
                                            std::move(fold))) {
}

raft_node::~raft_node() = default;

std::string raft_node::start(time_point now) {
  return engine_->start(now);
}

void raft_node::tick(time_point now) {
  engine_->tick(now);
}

bool raft_node::receive(time_point now, std::uint64_t from, std::string_view bytes) {
  return engine_->receive(now, from, bytes);
}

bool raft_node::propose(time_point now, std::string_view command) {
  return engine_->propose(now, command);
}

bool raft_node::transfer_leadership(time_point now) {
  return engine_->transfer(now);
}

void raft_node::expire_election(time_point now) {
  engine_->expire_election(now);
}

std::vector<outgoing_rpc> raft_node::take_outgoing() {
  return engine_->backend().take_outgoing();
}

std::optional<std::string> raft_node::take_restored() {
  return engine_->take_restored();
}

std::vector<std::string> raft_node::take_committed() {
  return engine_->take_committed();
}

raft_role raft_node::role() const noexcept {
  return engine_->seen().role;
}

std::uint64_t raft_node::term() const noexcept {
  return engine_->seen().term;
}

std::uint64_t raft_node::leader() const noexcept {
  return engine_->seen().leader;
}

std::uint64_t raft_node::commit_index() const noexcept {
  return engine_->seen().commit_index;
}

const std::string& raft_node::state() const noexcept {
  return engine_->state();
}

std::optional<raft_node::time_point> raft_node::last_quorum_contact() const {
  return engine_->last_quorum_contact();
}

raft_node::time_point raft_node::predecessors_contact() const {
  return engine_->predecessors_contact();
}

const std::string& raft_node::failure() const noexcept {
  return engine_->backend().failure();
}

const raft_counters& raft_node::counters() const noexcept {
  return engine_->backend().counters();
}

} // namespace argosy::consensus
