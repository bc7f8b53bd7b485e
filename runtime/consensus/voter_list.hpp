// voter_list: who votes, in libraft's form and in the bytes that every log begins with.
#pragma once

#include "runtime/consensus/libraft.hpp"
#include "runtime/consensus/raft_node.hpp"

#include <string>
#include <vector>

namespace argosy::consensus {

class voter_list {
public:
  explicit voter_list(std::vector<voter> voters);

  /// What is wrong with the list, in one sentence.
  std::string check(std::uint64_t self) const;

  const voter* find(std::uint64_t id) const noexcept;
  std::size_t size() const noexcept { return voters_.size(); }

  /// Only of a list that checks.
  const std::string& bytes() const noexcept { return bytes_; }
  /// Its memory goes over to libraft.
  raft_configuration copy() const;

private:
  std::vector<voter> voters_; ///< by id, so that their order in a config file does not matter
  std::string bytes_;
};

} // namespace argosy::consensus
