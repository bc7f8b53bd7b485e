// lease_book: whom the leader lets act, under which view, and from when a new owner may.
//
// Picture the day pass of a building whose key plan changes: the porter gives a pass only to who
// has signed the newest plan, and never for longer than three seconds from when he last knew that
// he was the porter. So three seconds after a new plan no pass of an older one is left.
//
// Why that is safe. Let view w be decided at D. (1) The leader that decided w grants, from D on,
// only to who acknowledged w; what it granted before ends by D + 3 s, since a member counts from
// when it asked. (2) Another leader that does not know of w has lost its majority before D: let Q
// be when it sent the last heartbeat that a majority answered. Each of those answered in its term
// at or after Q, and some of them voted for a later term before w was decided, so Q < D; its grants
// end by Q + 3 s < D + 3 s. (3) A later leader has w in its log, and it knows that w is decided
// once an entry of its own term is; before that it grants nothing. The margin of 200 ms is for
// clocks that run at different speeds. Hence nobody acts under a view older than w after D + 3.2 s.
//
// Of a node that w lets go more is known: the leader grants it nothing from the proposal of w on,
// and what it had granted ends 3 s after that grant; what an earlier leader had, 3 s after the last
// message of one that any of those took who voted for this one, by (2) with the votes of this term
// in place of w (`predecessor_clock`). `leadership` says so in w (`leases_left`).
//
// Pure; one per leadership, `now` is an argument, by a clock that does not stop with the machine.
#pragma once

#include "runtime/cluster/lease.hpp"
#include "runtime/cluster/view.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <set>

namespace argosy::cluster {

enum class lease_verdict : std::uint8_t {
  granted,
  not_leading, ///< no entry of this leadership is decided yet
  no_member,   ///< of the newest view
  behind,      ///< has not acknowledged the newest view: send it
  no_quorum,   ///< the leader has not heard a majority for too long to promise anything
};

struct lease_answer {
  lease_verdict verdict = lease_verdict::not_leading;
  std::uint64_t view_no = 0; ///< the newest decided
  std::chrono::milliseconds ttl{0};
};

class lease_book {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit lease_book(const lease_settings& settings = {}) : settings_(settings) {}

  /// `v` is decided, as this leader learnt at `now`. The first call must wait until an entry of the
  /// leader's own term is decided (a barrier): see (3) above. Older views are ignored.
  void decided(const view& v, time_point now);

  /// A majority, this node counted in, has answered the heartbeats sent at `sent_at` or later.
  void quorum_contact(time_point sent_at) noexcept;

  /// `id` acts under view `view_no`: it has sealed all that is no longer its own.
  void acknowledged(const node_identity& id, std::uint64_t view_no);

  /// Its process is gone: a refused connection, or a newer life of its name.
  void proven_dead(const node_identity& id);

  /// What to answer a request for a lease that arrives at `now`.
  lease_answer grant(const node_identity& id, time_point now) const;

  /// The instant from which the new owner of a shard may act that `old_owner` lost by view
  /// `view_no`: at once (time_point::min()) if the old owner has acknowledged that view or is
  /// proven dead, else 3.2 s after it was decided. Views older than the last 64 count as decided
  /// with the oldest of those, which errs on the late side; one that is not decided is never clear.
  time_point fence_clear_at(std::uint64_t view_no, const node_identity& old_owner) const;

private:
  struct decision {
    std::uint64_t view_no;
    time_point at;
  };

  lease_settings settings_;
  view newest_;
  std::deque<decision> decisions_; ///< oldest first
  std::map<node_identity, std::uint64_t> acknowledged_;
  std::set<node_identity> dead_;
  time_point last_quorum_contact_ = time_point::min();
};

} // namespace argosy::cluster
