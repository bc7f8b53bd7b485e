#include "runtime/consensus/stored_state.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace argosy::consensus {

std::uint64_t stored_state::term_of(std::uint64_t index) const noexcept {
  if (index >= first_index && index < end_index())
    return entries[index - first_index].term;
  return snapshot && snapshot->index == index ? snapshot->term : 0;
}

void stored_state::set_term(std::uint64_t to) noexcept {
  term = to;
  vote = 0;
}

void stored_state::append(std::vector<stored_entry> more) {
  std::move(more.begin(), more.end(), std::back_inserter(entries));
}

void stored_state::truncate(std::uint64_t index) {
  if (index < end_index())
    entries.resize(index > first_index ? index - first_index : 0);
}

void stored_state::put_snapshot(stored_snapshot s, std::uint64_t keep_from) {
  const bool log_goes_through = term_of(s.index) == s.term && s.index < end_index();
  if (!log_goes_through) {
    entries.clear();
    first_index = s.index + 1;
  } else if (keep_from > first_index) {
    const auto drop = std::min<std::uint64_t>(keep_from - first_index, entries.size());
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(drop));
    first_index += drop;
  }
  snapshot = std::move(s);
}

} // namespace argosy::consensus
