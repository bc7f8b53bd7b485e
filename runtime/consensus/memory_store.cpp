#include "runtime/consensus/memory_store.hpp"

#include <utility>

namespace argosy::consensus {

std::string memory_store::bootstrap(stored_entry first) {
  return write([&](stored_state& s) {
    s = {};
    s.append({first});
    s.set_term(1);
  });
}

std::string memory_store::set_term(std::uint64_t term) {
  return write([&](stored_state& s) { s.set_term(term); });
}

std::string memory_store::set_vote(std::uint64_t voter) {
  return write([&](stored_state& s) { s.vote = voter; });
}

std::string memory_store::append(std::vector<stored_entry> entries) {
  return write([&](stored_state& s) { s.append(entries); });
}

std::string memory_store::truncate(std::uint64_t index) {
  return write([&](stored_state& s) { s.truncate(index); });
}

std::string memory_store::put_snapshot(stored_snapshot snapshot, std::uint64_t keep_from) {
  return write([&](stored_state& s) { s.put_snapshot(snapshot, keep_from); });
}

void memory_store::crash() {
  seen_ = synced_;
  failed_ = false;
  fails_at_ = 0;
}

void memory_store::fail_after(std::uint64_t writes, bool reaches_medium) {
  fails_at_ = writes_ + writes + 1;
  reaches_medium_ = reaches_medium;
}

std::string memory_store::write(const std::function<void(stored_state&)>& change) {
  ++writes_;
  const bool fails_now = writes_ == fails_at_;
  if (failed_ || fails_now) {
    if (fails_now && reaches_medium_)
      change(synced_);
    failed_ = true;
    return "the memory store was told to fail: restart the voter";
  }
  change(seen_);
  change(synced_);
  return {};
}

} // namespace argosy::consensus
