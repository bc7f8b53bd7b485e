// lease: until when a member may act, and under which view. The member's half; see lease_book.
//
// Counted from the moment its request was sent, not from when the answer came: whatever the answer
// took on the way, the member stops no later than the leader reckons. Without a valid lease a
// member is fenced: no acks, no timers, sockets kept. Instants are those of a clock that also runs
// while the machine is suspended (boot_time). Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace argosy::cluster {

struct lease_settings {
  std::chrono::milliseconds ttl{3000};
  std::chrono::milliseconds renew_interval{500};
  /// What clocks may drift apart within a lease, with room: 200 ms on 3 s.
  std::chrono::milliseconds margin{200};

  /// How long after a view was decided its predecessors may still be acted on.
  constexpr std::chrono::milliseconds fence() const noexcept { return ttl + margin; }
};

class lease {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The leader granted `ttl` under view `view_no` to the request sent at `request_sent_at`. Grants
  /// of an older view than one had before, and of requests overtaken by a later one, change
  /// nothing.
  void renewed(time_point request_sent_at, std::uint64_t view_no,
               std::chrono::milliseconds ttl) noexcept {
    if (view_no < view_no_)
      return;
    view_no_ = view_no;
    expires_at_ = std::max(expires_at_, request_sent_at + ttl);
  }

  /// Gives it back: this node is no member any more, or stops.
  void drop() noexcept { expires_at_ = time_point::min(); }

  bool valid(time_point now) const noexcept { return now < expires_at_; }
  time_point expires_at() const noexcept { return expires_at_; }
  /// 0 before the first grant.
  std::uint64_t view_no() const noexcept { return view_no_; }

private:
  time_point expires_at_ = time_point::min();
  std::uint64_t view_no_ = 0;
};

} // namespace argosy::cluster
