#include "runtime/consensus/voter_list.hpp"

#include "runtime/consensus/raft_memory.hpp"

#include <algorithm>
#include <utility>

namespace argosy::consensus {

namespace {

/// libraft rounds its encoding up to whole words and leaves what it adds as the memory was.
void clear_padding(std::string& bytes, const std::vector<voter>& voters) {
  std::size_t used = 1 + 8; // version, count
  for (const auto& v : voters)
    used += 8 + v.name.size() + 1 + 1; // id, name and its zero, role
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(std::min(used, bytes.size())), bytes.end(),
            '\0');
}

} // namespace

voter_list::voter_list(std::vector<voter> voters) : voters_(std::move(voters)) {
  std::sort(voters_.begin(), voters_.end(),
            [](const voter& a, const voter& b) { return a.id < b.id; });
  auto configuration = copy();
  raft_buffer encoded{};
  if (raft_configuration_encode(&configuration, &encoded) == 0) {
    bytes_ = view_of(encoded);
    raft_free(encoded.base);
    clear_padding(bytes_, voters_);
  }
  raft_configuration_close(&configuration);
}

std::string voter_list::check(std::uint64_t self) const {
  if (find(self) == nullptr)
    return "the voters do not include this node (voter " + std::to_string(self)
           + "): add it to the seeds, or do not make it a voter";
  for (std::size_t i = 0; i < voters_.size(); ++i) {
    const auto& v = voters_[i];
    if (v.id == 0 || v.name.empty())
      return "voter " + std::to_string(v.id) + " (\"" + v.name
             + "\") has no number above 0 or no name: give it both";
    for (std::size_t j = 0; j < i; ++j)
      if (v.id == voters_[j].id || v.name == voters_[j].name)
        return "two voters go by the number " + std::to_string(v.id) + " or the name " + v.name
               + ": name each seed once";
  }
  return {};
}

const voter* voter_list::find(std::uint64_t id) const noexcept {
  const auto found =
      std::find_if(voters_.begin(), voters_.end(), [id](const voter& v) { return v.id == id; });
  return found == voters_.end() ? nullptr : &*found;
}

raft_configuration voter_list::copy() const {
  raft_configuration out;
  raft_configuration_init(&out);
  for (const auto& v : voters_)
    raft_configuration_add(&out, v.id, v.name.c_str(), RAFT_VOTER);
  return out;
}

} // namespace argosy::consensus
