// shard_lifecycle: one shard on one node: does it act, and where does what it holds come from.
//
// Picture the log book of a ferry route that one captain after the other keeps. Whoever is named on
// the newest sheet asks the captain of the sheet before for the book; he closes it, hands it over,
// and throws his copy away once he is told that it has arrived. Who was named but never got the
// book says whom he was going to ask himself. Only when nobody can answer does the new captain wait
// until no other may still be steering, and writes a new book from what the harbours remember.
//
//   none -> wait_fence -> recover -> active(epoch) -> sealed -> none     epoch = view at activation
//
// Why never two are active under valid leases. Who activates in view v has done one of these:
//  - pulled from the owner of v - 1, or by its word from the owner before: each of them has sealed,
//    or given up for good what it had not received, before it answered;
//  - salvaged, and every member of the view has answered (and sealed), and no other node can hold a
//    lease; or
//  - salvaged after v was decided so long ago that each lease is one of v or later.
// And who has heard of v from anybody, be it in a pull, never activates in an older view.
//
// Views should be fed in order; one that is skipped costs at worst a salvage. Before each call the
// caller says `lease_lost` if the lease is over. Pure; the shard's host carries the actions out.
#pragma once

#include "runtime/cluster/member.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy::cluster {

struct shard_settings {
  std::chrono::milliseconds pull_timeout{2000}; ///< without a word or a part
  std::uint32_t pull_attempts_max = 3;          ///< then salvage
  std::uint32_t redirects_max = 32;             ///< in one attempt
  std::chrono::milliseconds not_ready_pause{50};
  std::chrono::milliseconds salvage_pause{500};
  std::uint32_t salvage_attempts_max = 3; ///< that may end incomplete once all leases are over
  std::chrono::milliseconds handover_repeat{2000};
  std::uint32_t handover_repeats_max = 5;
};

enum class shard_state : std::uint8_t {
  none,
  wait_fence, ///< owner; somebody who cannot be asked may still act
  recover,    ///< owner; waits for its turn, pulls or salvages
  active,
  sealed, ///< holds content that may no longer change
};

std::string_view to_string(shard_state state) noexcept;

enum class owner_fate : std::uint8_t {
  none,   ///< nobody can ever have held the shard
  member, ///< up or leaving: it can be asked
  gone,   ///< dead, fenced or left
};

/// What a view says about one shard to one node.
struct shard_ownership {
  std::uint64_t view_no = 0;
  bool mine = false;
  std::optional<node_identity> previous; ///< the owner in view_no - 1
  owner_fate fate = owner_fate::none;    ///< of `previous`; without one, `none` or `gone`
  /// No node outside of this view can hold a lease from then on: at once if all deaths are proven.
  std::chrono::steady_clock::time_point outsiders_fenced_at{};
  /// No node at all holds a lease of an older view from then on: decided + 3.2 s.
  std::chrono::steady_clock::time_point everyone_fenced_at{};
};

/// A question for the content of the shard. `as_of` = the view whose owner is asked; 0 = whatever
/// there is, for a salvage.
struct shard_pull {
  node_identity node; ///< who asks
  std::uint64_t view_no = 0;
  std::uint64_t as_of = 0;
  std::uint64_t ticket = 0; ///< the asker's; comes back in every answer
};

enum class pull_refusal : std::uint8_t {
  redirect,    ///< never got it: ask `to`, owner in `as_of`
  not_ready,   ///< has not seen the view in which it owned
  wrong_owner, ///< knows a newer view than the asker
  unknown,     ///< has nothing and knows of nobody
  gone,        ///< said by the caller: the node is no member, or its link is closed for good
};

struct shard_action {
  enum class what : std::uint8_t {
    want_turn,    ///< call `turn` when the handoff queue allows, as if it had never had one
    pull_from,    ///< send `pull`
    acknowledge,  ///< tell `node` that all parts have arrived
    salvage,      ///< collect from all members, replicas and journal; then `salvage_done`
    activate,     ///< act from now on, under `epoch`
    pause,        ///< the lease is over: no acks, no timers
    resume,       ///< the lease is back, and the shard is still ours
    seal,         ///< stop for good; content stays as it is
    hand_over_to, ///< send the content in parts, in order; for as_of 0 what there is
    drop,         ///< the content is not needed any more
    redirect,     ///< refuse the pull: ask `to`, owner in `as_of`
    not_ready,
    wrong_owner, ///< with `view_no`, which the asker has not seen
    unknown,
  };
  what kind{};
  node_identity node; ///< the other end
  std::uint64_t view_no = 0;
  std::uint64_t as_of = 0;
  std::uint64_t ticket = 0;
  std::uint64_t epoch = 0;
  node_identity to;
};
using shard_actions = std::vector<shard_action>;

class shard_lifecycle {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit shard_lifecycle(node_identity self, bool leased, const shard_settings& settings = {})
      : settings_(settings), self_(std::move(self)), leased_(leased) {}

  shard_actions view_changed(const shard_ownership& now_is, time_point now);
  /// The turn lasts until the state is not recover any more.
  shard_actions turn(time_point now);
  /// Timeouts and fences; call it at `next_tick_at()`.
  shard_actions tick(time_point now);
  std::optional<time_point> next_tick_at() const noexcept;

  /// `part` counts from 0; parts come in order, over one link.
  shard_actions pull_answer(const node_identity& from, std::uint64_t ticket, std::uint32_t part,
                            std::uint32_t parts, time_point now);
  /// `to` counts for a redirect, `as_of` for that and, as the view it knows, for wrong_owner.
  shard_actions pull_refused(std::uint64_t ticket, pull_refusal why, const node_identity& to,
                             std::uint64_t as_of, time_point now);
  /// `complete`: every member of the view has given what it had or said that it has nothing.
  shard_actions salvage_done(std::uint64_t ticket, bool complete, time_point now);

  shard_actions peer_pulls(const shard_pull& pull, time_point now);
  shard_actions handover_acknowledged(const node_identity& from, std::uint64_t ticket);
  /// Another node says that it is active under `epoch`.
  shard_actions owner_active(std::uint64_t epoch, time_point now);

  /// No node outside of the view can hold a lease from `at` on: earlier than was thought.
  shard_actions outsiders_fenced(time_point at, time_point now);

  /// Some message carried this view number.
  void heard_of_view(std::uint64_t no) noexcept { newest_heard_ = std::max(newest_heard_, no); }

  shard_actions lease_lost();
  shard_actions lease_regained();

  shard_state state() const noexcept { return state_; }
  /// True if side effects are allowed: active, under a valid lease.
  bool acts() const noexcept { return state_ == shard_state::active && leased_; }
  std::uint64_t epoch() const noexcept { return epoch_; }
  std::uint64_t view_no() const noexcept { return view_no_; }
  bool holds_content() const noexcept { return held_.has_value(); }
  /// True if a fresh lifecycle that is told the newest view would do as well.
  bool forgettable() const noexcept {
    return state_ == shard_state::none && !mine_ && !run_.source && vain_runs_.empty()
           && disowned_at_ <= view_no_;
  }

private:
  /// Content at hand is the newest there is for who asks the owner of a view in [from, until].
  struct content_span {
    std::uint64_t from = 0;
    std::uint64_t until = 0;
    bool covers(std::uint64_t as_of) const noexcept { return from <= as_of && as_of <= until; }
  };
  /// Ask `node`, owner in view `as_of`.
  struct pointer {
    node_identity node;
    std::uint64_t as_of = 0;
  };
  /// Views, without a hole that we know of, in which this node owned the shard.
  struct run {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::optional<pointer> source; ///< where the content was; reset once it is ours
    bool covers(std::uint64_t view) const noexcept { return begin <= view && view <= end; }
  };
  /// When ownership bounces, so many runs that never got the content are remembered.
  static constexpr std::size_t vain_runs_max = 16;
  enum class quest : std::uint8_t { pull, salvage };
  struct handover {
    shard_pull to;
    time_point again_at{};
    std::uint32_t repeats = 0;
  };

  bool owns() const noexcept { return mine_ && disowned_at_ <= view_no_; }
  bool recovering() const noexcept {
    return state_ == shard_state::wait_fence || state_ == shard_state::recover;
  }
  void extend_run(std::uint64_t end) noexcept;
  void seal(shard_actions& out);
  void give_up() noexcept;
  void begin_run(const shard_ownership& now_is, time_point now, shard_actions& out);
  void want_turn(shard_actions& out);
  void pull(shard_actions& out);
  void follow(pointer next, time_point now, shard_actions& out);
  const run* vain_run(std::uint64_t as_of) const noexcept;
  void plan_salvage(time_point earliest, time_point now, shard_actions& out);
  void salvage(shard_actions& out);
  void activate(shard_actions& out);
  void retry_pull(time_point now, shard_actions& out);
  void answer(const shard_pull& asked, time_point now, shard_actions& out);

  shard_settings settings_;
  node_identity self_;
  shard_state state_ = shard_state::none;
  bool leased_;

  std::uint64_t view_no_ = 0;
  bool mine_ = false;
  std::uint64_t newest_heard_ = 0;
  std::uint64_t disowned_at_ = 0; ///< the highest view in which another said that it owns
  run run_;                       ///< the newest
  std::vector<run> vain_runs_;
  time_point outsiders_fenced_at_{};
  time_point everyone_fenced_at_{}; ///< of the run's first view

  std::uint64_t epoch_ = 0;
  std::optional<content_span> held_;
  std::optional<handover> handover_;

  quest quest_ = quest::pull;
  bool has_turn_ = false;
  std::uint64_t ticket_ = 0; ///< of the latest pull or salvage
  std::uint32_t next_part_ = 0;
  std::uint32_t redirects_ = 0;
  std::uint32_t attempts_ = 0; ///< of this quest that have failed
  time_point deadline_{};
  std::optional<time_point> again_at_; ///< the target was not ready
  struct receipt {
    node_identity from;
    std::uint64_t ticket = 0;
  };
  std::optional<receipt> received_; ///< what this activation came from
};

} // namespace argosy::cluster
