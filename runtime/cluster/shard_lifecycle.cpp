#include "runtime/cluster/shard_lifecycle.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace argosy::cluster {

namespace {

using what = shard_action::what;

shard_action answer_to(what kind, const shard_pull& asked) {
  return {kind, asked.node, asked.view_no, asked.as_of, asked.ticket, 0, {}};
}

} // namespace

std::string_view to_string(shard_state state) noexcept {
  constexpr std::string_view names[]{"none", "wait_fence", "recover", "active", "sealed"};
  return names[static_cast<std::size_t>(state)];
}

// -- views ---------------------------------------------------------------------------------------

shard_actions shard_lifecycle::view_changed(const shard_ownership& now_is, time_point now) {
  shard_actions out;
  if (now_is.view_no <= view_no_)
    return out;
  // Nobody else can have owned the shard between the view we know and this one if there is no view
  // between, or if the one between was ours, too.
  const auto step = now_is.view_no - view_no_;
  const bool no_hole = mine_ && (step == 1 || (step == 2 && now_is.previous == self_));
  const bool run_goes_on = no_hole && now_is.mine;
  if (no_hole)
    extend_run(now_is.mine ? now_is.view_no : now_is.view_no - 1);
  if (!run_goes_on && state_ == shard_state::active)
    seal(out);
  else if (!run_goes_on && recovering())
    give_up();

  view_no_ = now_is.view_no;
  mine_ = now_is.mine;
  outsiders_fenced_at_ = now_is.outsiders_fenced_at;
  if (mine_ && !run_goes_on)
    begin_run(now_is, now, out);
  return out;
}

// What was sealed in this run because a newer view was heard of is the newest there is as before.
void shard_lifecycle::extend_run(std::uint64_t end) noexcept {
  if (state_ == shard_state::sealed && held_ && held_->until == run_.end)
    held_->until = end;
  run_.end = end;
}

void shard_lifecycle::seal(shard_actions& out) {
  state_ = shard_state::sealed;
  held_->until = run_.end;
  out.push_back({what::seal, {}, view_no_, 0, 0, epoch_, {}});
}

// An answer that comes too late is not acknowledged, so the content stays where it is.
void shard_lifecycle::give_up() noexcept {
  state_ = held_ ? shard_state::sealed : shard_state::none;
  has_turn_ = false;
  again_at_.reset();
}

void shard_lifecycle::begin_run(const shard_ownership& now_is, time_point now, shard_actions& out) {
  if (run_.source)
    vain_runs_.push_back(std::move(run_));
  if (vain_runs_.size() > vain_runs_max)
    vain_runs_.erase(vain_runs_.begin());
  run_ = {view_no_, view_no_, std::nullopt};
  everyone_fenced_at_ = now_is.everyone_fenced_at;
  attempts_ = redirects_ = 0;
  const bool can_ask =
      now_is.fate == owner_fate::member && now_is.previous && *now_is.previous != self_;
  if (can_ask)
    run_.source = pointer{*now_is.previous, view_no_ - 1};
  if (!owns()) // somebody has shown a newer view: all we do is remember whom we would have asked
    return;
  if (now_is.fate == owner_fate::none)
    activate(out);
  else if (can_ask) {
    quest_ = quest::pull;
    want_turn(out);
  } else
    plan_salvage(now, now, out);
}

void shard_lifecycle::want_turn(shard_actions& out) {
  state_ = shard_state::recover;
  has_turn_ = false;
  out.push_back({what::want_turn, {}, view_no_, 0, 0, 0, {}});
}

shard_actions shard_lifecycle::turn(time_point now) {
  shard_actions out;
  if (state_ != shard_state::recover || has_turn_)
    return out;
  has_turn_ = true;
  if (quest_ == quest::salvage) {
    salvage(out);
    return out;
  }
  deadline_ = now + settings_.pull_timeout;
  pull(out);
  return out;
}

// -- recovery ------------------------------------------------------------------------------------

void shard_lifecycle::pull(shard_actions& out) {
  next_part_ = 0;
  again_at_.reset();
  const auto& [node, as_of] = *run_.source;
  out.push_back({what::pull_from, node, view_no_, as_of, ++ticket_, 0, {}});
}

shard_actions shard_lifecycle::pull_answer(const node_identity& from, std::uint64_t ticket,
                                           std::uint32_t part, std::uint32_t parts,
                                           time_point now) {
  shard_actions out;
  const bool awaited = state_ == shard_state::recover && has_turn_ && quest_ == quest::pull
                       && ticket == ticket_ && from == run_.source->node;
  if (awaited && part == next_part_) {
    deadline_ = now + settings_.pull_timeout;
    if (++next_part_ >= parts) {
      received_ = receipt{from, ticket};
      out.push_back({what::acknowledge, from, view_no_, 0, ticket, 0, {}});
      activate(out);
    }
  } else if (!awaited && received_ && received_->from == from && received_->ticket == ticket
             && part + 1 == parts)
    out.push_back({what::acknowledge, from, view_no_, 0, ticket, 0, {}}); // the first got lost
  return out;
}

shard_actions shard_lifecycle::pull_refused(std::uint64_t ticket, pull_refusal why,
                                            const node_identity& to, std::uint64_t as_of,
                                            time_point now) {
  shard_actions out;
  if (state_ != shard_state::recover || !has_turn_ || quest_ != quest::pull || ticket != ticket_)
    return out;
  switch (why) {
  case pull_refusal::redirect:
    follow({to, as_of}, now, out);
    break;
  case pull_refusal::wrong_owner:
    heard_of_view(as_of);
    again_at_ = now + settings_.not_ready_pause;
    break;
  case pull_refusal::not_ready:
    again_at_ = now + settings_.not_ready_pause;
    break;
  case pull_refusal::unknown:
  case pull_refusal::gone:
    plan_salvage(now, now, out);
    break;
  }
  return out;
}

// Who is on the way has given up, so whoever asks us later may go straight to where we have got.
void shard_lifecycle::follow(pointer next, time_point now, shard_actions& out) {
  if (next.node == self_ && held_ && held_->covers(next.as_of)) {
    activate(out); // what we sealed was never taken over
    return;
  }
  if (next.node == self_) {
    const auto* own = vain_run(next.as_of);
    next = own == nullptr ? pointer{} : *own->source;
  }
  if (next.node.name.empty() || ++redirects_ > settings_.redirects_max) {
    plan_salvage(now, now, out);
    return;
  }
  run_.source = std::move(next);
  pull(out);
}

const shard_lifecycle::run* shard_lifecycle::vain_run(std::uint64_t as_of) const noexcept {
  if (run_.source && run_.covers(as_of))
    return &run_;
  const auto found = std::find_if(vain_runs_.begin(), vain_runs_.end(),
                                  [&](const run& r) { return r.covers(as_of); });
  return found == vain_runs_.end() ? nullptr : &*found;
}

// Not before nobody outside of the view can act: what they still do would be missing.
void shard_lifecycle::plan_salvage(time_point earliest, time_point now, shard_actions& out) {
  if (quest_ != quest::salvage)
    attempts_ = 0;
  quest_ = quest::salvage;
  deadline_ = std::max(earliest, std::min(outsiders_fenced_at_, everyone_fenced_at_));
  if (now < deadline_) {
    state_ = shard_state::wait_fence;
    has_turn_ = false;
  } else if (state_ == shard_state::recover && has_turn_)
    salvage(out);
  else
    want_turn(out);
}

void shard_lifecycle::salvage(shard_actions& out) {
  out.push_back({what::salvage, {}, view_no_, 0, ++ticket_, 0, {}});
}

shard_actions shard_lifecycle::salvage_done(std::uint64_t ticket, bool complete, time_point now) {
  shard_actions out;
  if (state_ != shard_state::recover || !has_turn_ || quest_ != quest::salvage || ticket != ticket_)
    return out;
  const bool all_fenced = now >= everyone_fenced_at_;
  if (all_fenced && !complete)
    ++attempts_;
  const bool enough = complete ? all_fenced || now >= outsiders_fenced_at_
                               : attempts_ >= settings_.salvage_attempts_max;
  // Without a lease, or with a newer view on its way, what was found may be older than what lives.
  if (enough && leased_ && view_no_ >= newest_heard_)
    activate(out);
  else
    plan_salvage(now + settings_.salvage_pause, now, out);
  return out;
}

void shard_lifecycle::activate(shard_actions& out) {
  state_ = shard_state::active;
  epoch_ = view_no_;
  held_ = content_span{epoch_, epoch_};
  run_.source.reset();
  vain_runs_.clear();
  handover_.reset();
  has_turn_ = false;
  out.push_back({what::activate, {}, view_no_, 0, 0, epoch_, {}});
  if (!leased_)
    out.push_back({what::pause, {}, view_no_, 0, 0, epoch_, {}});
}

// -- time ----------------------------------------------------------------------------------------

std::optional<shard_lifecycle::time_point> shard_lifecycle::next_tick_at() const noexcept {
  if (state_ == shard_state::wait_fence)
    return deadline_;
  if (state_ == shard_state::recover && has_turn_ && quest_ == quest::pull)
    return again_at_ ? std::min(*again_at_, deadline_) : deadline_;
  if (state_ == shard_state::sealed && handover_
      && handover_->repeats < settings_.handover_repeats_max)
    return handover_->again_at;
  return std::nullopt;
}

shard_actions shard_lifecycle::tick(time_point now) {
  shard_actions out;
  const auto due = next_tick_at();
  if (!due || now < *due)
    return out;
  if (state_ == shard_state::wait_fence)
    want_turn(out);
  else if (state_ == shard_state::recover)
    retry_pull(now, out);
  else {
    ++handover_->repeats;
    handover_->again_at = now + settings_.handover_repeat;
    out.push_back(answer_to(what::hand_over_to, handover_->to));
  }
  return out;
}

void shard_lifecycle::retry_pull(time_point now, shard_actions& out) {
  if (now < deadline_)
    pull(out);
  else if (++attempts_ < settings_.pull_attempts_max) {
    redirects_ = 0;
    deadline_ = now + settings_.pull_timeout;
    pull(out);
  } else
    plan_salvage(now, now, out);
}

// -- the other end -------------------------------------------------------------------------------

shard_actions shard_lifecycle::peer_pulls(const shard_pull& asked, time_point now) {
  shard_actions out;
  const auto newest = std::max(view_no_, disowned_at_);
  if (asked.view_no < newest || (asked.view_no == view_no_ && mine_)) {
    out.push_back(answer_to(what::wrong_owner, asked));
    out.back().view_no = newest;
    return out;
  }
  disowned_at_ = asked.view_no;
  heard_of_view(asked.view_no);
  if (state_ == shard_state::active)
    seal(out);
  else if (recovering())
    give_up();
  answer(asked, now, out);
  return out;
}

void shard_lifecycle::answer(const shard_pull& asked, time_point now, shard_actions& out) {
  if (held_ && (asked.as_of == 0 || held_->covers(asked.as_of))) {
    if (asked.as_of != 0)
      handover_ = handover{asked, now + settings_.handover_repeat, 0};
    out.push_back(answer_to(what::hand_over_to, asked));
  } else if (asked.as_of == 0) {
    out.push_back(answer_to(what::unknown, asked));
  } else if (const auto* vain = vain_run(asked.as_of)) {
    out.push_back(answer_to(what::redirect, asked));
    out.back().to = vain->source->node;
    out.back().as_of = vain->source->as_of;
  } else {
    out.push_back(answer_to(view_no_ < asked.as_of ? what::not_ready : what::unknown, asked));
  }
}

shard_actions shard_lifecycle::handover_acknowledged(const node_identity& from,
                                                     std::uint64_t ticket) {
  shard_actions out;
  if (state_ != shard_state::sealed || !handover_ || handover_->to.node != from
      || handover_->to.ticket != ticket)
    return out;
  handover_.reset();
  held_.reset();
  state_ = shard_state::none;
  out.push_back({what::drop, {}, view_no_, 0, 0, epoch_, {}});
  return out;
}

shard_actions shard_lifecycle::owner_active(std::uint64_t epoch, time_point now) {
  shard_actions out;
  std::erase_if(vain_runs_, [&](const run& r) { return r.end < epoch; });
  if (!owns() && epoch > run_.end)
    run_.source.reset();
  const bool outdone =
      held_ && epoch > epoch_ && (state_ == shard_state::active || state_ == shard_state::sealed);
  if (!outdone)
    return out;
  // An active one has slept through the end of its lease and not heard of it yet.
  if (state_ == shard_state::active)
    seal(out);
  handover_.reset();
  held_.reset();
  state_ = shard_state::none;
  out.push_back({what::drop, {}, view_no_, 0, 0, epoch_, {}});
  if (owns())
    plan_salvage(now, now, out);
  return out;
}

shard_actions shard_lifecycle::outsiders_fenced(time_point at, time_point now) {
  outsiders_fenced_at_ = std::min(outsiders_fenced_at_, at);
  if (state_ == shard_state::wait_fence)
    deadline_ = std::min(deadline_, std::max(at, now));
  return tick(now);
}

// -- the lease -----------------------------------------------------------------------------------

shard_actions shard_lifecycle::lease_lost() {
  shard_actions out;
  if (leased_ && state_ == shard_state::active)
    out.push_back({what::pause, {}, view_no_, 0, 0, epoch_, {}});
  leased_ = false;
  return out;
}

shard_actions shard_lifecycle::lease_regained() {
  shard_actions out;
  if (!leased_ && state_ == shard_state::active)
    out.push_back({what::resume, {}, view_no_, 0, 0, epoch_, {}});
  leased_ = true;
  return out;
}

} // namespace argosy::cluster
