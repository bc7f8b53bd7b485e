// memory_store: a raft_store for simulations, with a disk that can lose power in the middle.
//
// It keeps two copies, what the process sees and what the medium has. A write changes the first and
// then, at its sync, the second; a planned failure ends the write before its sync or right after,
// as a power cut would. `crash` is the restart: what the process sees is again what the medium has.
#pragma once

#include "runtime/consensus/raft_store.hpp"

#include <cstdint>
#include <functional>

namespace argosy::consensus {

class memory_store final : public raft_store {
public:
  const stored_state& state() const noexcept override { return seen_; }
  const stored_state& synced() const noexcept { return synced_; }

  std::string bootstrap(stored_entry first) override;
  std::string set_term(std::uint64_t term) override;
  std::string set_vote(std::uint64_t voter) override;
  std::string append(std::vector<stored_entry> entries) override;
  std::string truncate(std::uint64_t index) override;
  std::string put_snapshot(stored_snapshot snapshot, std::uint64_t keep_from) override;

  /// Loses what was not synced, and writes work again.
  void crash();

  /// The write after `writes` more reports a failure, as do all that follow until `crash`. With
  /// `reaches_medium` it is on the medium all the same.
  void fail_after(std::uint64_t writes, bool reaches_medium);
  bool failed() const noexcept { return failed_; }
  std::uint64_t writes() const noexcept { return writes_; }

private:
  std::string write(const std::function<void(stored_state&)>& change);

  stored_state seen_;
  stored_state synced_;
  std::uint64_t writes_ = 0;
  std::uint64_t fails_at_ = 0; ///< the number of that write; 0 = never
  bool reaches_medium_ = false;
  bool failed_ = false;
};

} // namespace argosy::consensus
