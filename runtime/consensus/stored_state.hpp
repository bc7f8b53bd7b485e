// stored_state: what a voter has on its disk, as one value, and how each write changes it.
//
// A store keeps one of these in step with its medium: whoever wants to know what was promised to
// the other voters (term, vote, log, snapshot) reads it here. Pure.
#pragma once

#include "runtime/wire/consensus_rpc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace argosy::consensus {

using wire::entry_kind;

struct stored_entry {
  std::uint64_t term = 0;
  entry_kind kind = entry_kind::command;
  std::string data;

  friend bool operator==(const stored_entry&, const stored_entry&) = default;
};

struct stored_snapshot {
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  std::string configuration; ///< the list of voters as the library encodes it
  std::uint64_t configuration_index = 0;
  std::string data;

  friend bool operator==(const stored_snapshot&, const stored_snapshot&) = default;
};

struct stored_state {
  std::uint64_t term = 0;
  std::uint64_t vote = 0; ///< 0 = for nobody in this term
  std::optional<stored_snapshot> snapshot;
  std::uint64_t first_index = 1; ///< of `entries`; where the log goes on if there are none
  std::vector<stored_entry> entries;

  friend bool operator==(const stored_state&, const stored_state&) = default;

  bool pristine() const noexcept { return term == 0 && !snapshot && entries.empty(); }
  std::uint64_t end_index() const noexcept { return first_index + entries.size(); }

  /// 0 if that entry is not in the log and not the last one in the snapshot.
  std::uint64_t term_of(std::uint64_t index) const noexcept;

  void set_term(std::uint64_t to) noexcept;
  /// `index` is `end_index()`.
  void append(std::vector<stored_entry> more);
  /// Forgets the entries from `index` on.
  void truncate(std::uint64_t index);
  /// Forgets the entries before `keep_from`; those after it, too, unless the log goes through the
  /// snapshot.
  void put_snapshot(stored_snapshot s, std::uint64_t keep_from);
};

} // namespace argosy::consensus
