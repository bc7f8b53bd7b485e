// timer_wheel: many coarse timers that are hardly ever looked at.
//
// A hashed wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 6): one
// bucket for each tick of a revolution; a timer beyond one revolution just stays in its bucket
// until its turn comes round again. No cancelling: a timer names its owner by slot and generation,
// and whoever it wakes checks whether it still matters. 16 bytes a timer, O(1) to set, O(due +
// later revolutions) to expire. Pure: ticks are arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace argosy {

class timer_wheel {
public:
  struct timer {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t tag = 0;
    std::uint32_t due_tick = 0;
  };
  static_assert(sizeof(timer) == 16);

  /// `buckets` is the number of ticks in one revolution, a power of two.
  explicit timer_wheel(std::size_t buckets = 512);

  /// Sets `t`; a tick that has already passed is due at the next advance.
  void set(timer t);

  /// Moves the hand to `tick` and calls `expire(const timer&)` for all that is due, tick by tick.
  /// `expire` may set new timers; those due at or before `tick` wait for the next advance.
  template <class Expire>
  void advance(std::uint32_t tick, Expire&& expire) {
    if (tick - hand_ > buckets_.size())
      skip_to(tick - static_cast<std::uint32_t>(buckets_.size()));
    while (hand_ != tick) {
      take_due(++hand_);
      for (const auto& t : due_)
        expire(t);
    }
  }

  /// Timers that have not expired.
  std::size_t size() const noexcept { return size_; }

private:
  void skip_to(std::uint32_t tick) noexcept { hand_ = tick; }
  void take_due(std::uint32_t tick);

  std::vector<std::vector<timer>> buckets_;
  std::vector<timer> due_;
  std::size_t size_ = 0;
  std::uint32_t hand_ = 0; ///< the last tick that has been dealt with
};

} // namespace argosy
