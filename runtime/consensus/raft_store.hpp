// raft_store: the port through which a voter's promises reach a disk.
//
// A promise counts from the moment its write has returned without a sentence: it is then on the
// medium and survives the loss of power. A store that has failed once fails for ever, because
// nobody knows what of that write is on the medium; a new store, opened on the same place, reads
// and says. Called by one raft_node, in the order of its promises.
#pragma once

#include "runtime/consensus/stored_state.hpp"

#include <string>
#include <vector>

namespace argosy::consensus {

class raft_store {
public:
  virtual ~raft_store() = default;

  /// What is there, each promise included whose write has succeeded.
  virtual const stored_state& state() const noexcept = 0;

  // Each of these returns one sentence if it failed, and nothing if the medium has it.

  /// The first write ever: `first` becomes entry 1 and the term 1. A crash in the middle leaves a
  /// pristine store.
  [[nodiscard]] virtual std::string bootstrap(stored_entry first) = 0;
  /// Forgets the vote, too.
  [[nodiscard]] virtual std::string set_term(std::uint64_t term) = 0;
  [[nodiscard]] virtual std::string set_vote(std::uint64_t voter) = 0;
  [[nodiscard]] virtual std::string append(std::vector<stored_entry> entries) = 0;
  [[nodiscard]] virtual std::string truncate(std::uint64_t index) = 0;
  /// See `stored_state::put_snapshot`.
  [[nodiscard]] virtual std::string put_snapshot(stored_snapshot snapshot,
                                                 std::uint64_t keep_from) = 0;
};

} // namespace argosy::consensus
