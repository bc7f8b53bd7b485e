#include "runtime/consensus/quorum_clock.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace argosy::consensus {

namespace {

constexpr std::size_t rounds_max = 256;

} // namespace

void quorum_clock::lead(std::uint64_t term) {
  follow();
  term_ = term;
}

void quorum_clock::follow() noexcept {
  term_ = 0;
  rounds_.clear();
  contacts_.clear();
}

std::uint64_t quorum_clock::round(time_point now) {
  if (rounds_.empty() || rounds_.back().at != now) {
    rounds_.push_back({next_++, now});
    if (rounds_.size() > rounds_max)
      rounds_.pop_front();
  }
  return rounds_.back().number;
}

void quorum_clock::answered(std::uint64_t voter, std::uint64_t term, std::uint64_t round) {
  if (term_ == 0 || term != term_)
    return;
  const auto found = std::lower_bound(rounds_.begin(), rounds_.end(), round,
                                      [](const auto& r, auto n) { return r.number < n; });
  if (found == rounds_.end() || found->number != round)
    return;
  auto& contact = contacts_[voter];
  contact = std::max(contact, found->at);
}

std::optional<quorum_clock::time_point> quorum_clock::last_contact(time_point now) const {
  if (term_ == 0)
    return std::nullopt;
  const auto others = voters_ / 2; // with the leader itself a majority
  if (others == 0)
    return now;
  if (contacts_.size() < others)
    return std::nullopt;
  std::vector<time_point> at;
  for (const auto& [voter, when] : contacts_)
    at.push_back(when);
  std::sort(at.begin(), at.end(), std::greater<>{});
  return at[others - 1];
}

} // namespace argosy::consensus
