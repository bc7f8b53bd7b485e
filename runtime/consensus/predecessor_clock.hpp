// predecessor_clock: after which instant no earlier leader can have had a majority behind it.
//
// Picture a crew that has chosen a new captain. Each hand who voted for him says how long ago he
// last took an order of the old one. The latest of those orders is the last that a majority can
// have obeyed: any majority that obeyed has one of his voters in it, who has obeyed no other
// captain since he voted.
//
// A voter that has led counts as one that obeyed as long as it led, and one that has restarted as
// one that obeyed until then, since it has forgotten. An age is told instead of an instant, because
// clocks differ; what the letter takes on its way makes it seem later than it was, which is safe.
// Pure; `now` is an argument. One per voter.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace argosy::consensus {

class predecessor_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// This voter has taken a message of a leader, or leads; or it has just started, and knows no
  /// better.
  void led(time_point now) noexcept { heard_at_ = std::max(heard_at_, now); }

  /// How long ago that was: for the answer to a candidate. Rounded down.
  std::uint64_t milliseconds_since(time_point now) const noexcept {
    const auto age = std::chrono::floor<std::chrono::milliseconds>(now - heard_at_).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(age, 0));
  }

  /// A vote for this voter in `term`, whose giver said `ms_since`, has come.
  void voted(std::uint64_t term, std::uint64_t ms_since, time_point now) noexcept {
    const std::chrono::milliseconds age{static_cast<std::int64_t>(std::min(ms_since, age_max))};
    if (term > term_)
      votes_ = {};
    term_ = std::max(term_, term);
    if (term == term_)
      votes_ = std::max(votes_, now - age);
  }

  /// This voter leads `term` from now on, by the votes that have come.
  void won(std::uint64_t term) noexcept {
    last_contact_ = term == term_ ? std::max(votes_, heard_at_) : heard_at_;
  }

  /// Once it leads: the latest instant at which a majority can have followed an earlier leader.
  time_point last_contact() const noexcept { return last_contact_; }

private:
  /// A day: nothing older is of interest, and a sum with it does not overflow.
  static constexpr std::uint64_t age_max = 86'400'000;

  time_point heard_at_{};
  std::uint64_t term_ = 0; ///< of the votes
  time_point votes_{};
  time_point last_contact_{};
};

} // namespace argosy::consensus
