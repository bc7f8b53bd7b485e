#include "runtime/cluster/failure_detector.hpp"

#include "runtime/cluster/observers.hpp"
#include "runtime/cluster/stable_hash.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace argosy::cluster {

namespace {

/// Rounds of one node do not begin together: each target has its own place in the interval.
std::chrono::microseconds phase(const node_identity& self, const node_identity& target,
                                std::chrono::microseconds interval) {
  const auto h = stable_hash(stable_hash(self.name), stable_hash(target.name));
  return std::chrono::microseconds{
      static_cast<std::int64_t>(h % static_cast<std::uint64_t>(interval.count()))};
}

} // namespace

failure_detector::failure_detector(node_identity self, const detector_settings& settings)
    : self_(std::move(self)), settings_(settings) {
}

void failure_detector::watch(const view& v, time_point now) {
  std::map<node_identity, target> next;
  for (const auto& id : watched_by(v, self_)) {
    if (auto known = targets_.extract(id)) {
      next.insert(std::move(known));
      continue;
    }
    target t;
    t.heard = now;
    t.round_ends = now + phase(self_, id, settings_.probe_interval);
    next.emplace(id, t);
  }
  targets_ = std::move(next);
  std::erase_if(withdrawn_, [&](const node_identity& id) { return !targets_.contains(id); });
  peers_.clear();
  for (const auto& m : v.members)
    if (m.id != self_)
      peers_.push_back(m.id);
  plan_next();
}

std::vector<detector_action> failure_detector::tick(time_point now) {
  std::vector<detector_action> out;
  if (next_tick_at_ != time_point::max() && now > next_tick_at_ + settings_.late_tick)
    excuse_gap(now);
  for (auto& id : withdrawn_)
    out.push_back(withdraw{std::move(id)});
  withdrawn_.clear();
  for (auto& [id, t] : targets_) {
    if (now >= t.round_ends) {
      if (t.probing)
        end_round(id, t, now, out);
      begin_round(id, t, now, out);
    } else if (now >= t.escalates) {
      escalate(id, t, now, out);
    }
  }
  plan_next();
  return out;
}

/// This node slept. What it did not hear meanwhile says nothing of the others, so everybody gets
/// three new calls; and for a while it trusts itself less.
void failure_detector::excuse_gap(time_point now) {
  const auto late = now - next_tick_at_;
  raise_health(
      1 + static_cast<std::uint32_t>(std::min<std::int64_t>(late / settings_.probe_interval, 100)));
  health_raised_ = now;
  for (auto& [id, t] : targets_) {
    t.misses = 0;
    if (t.probing) {
      t.probing = false;
      t.round_ends = now + phase(self_, id, settings_.probe_interval) / 4;
      t.escalates = time_point::max();
    }
  }
}

void failure_detector::begin_round(const node_identity& id, target& t, time_point now,
                                   std::vector<detector_action>& out) {
  const auto timeout = stretched_timeout(t);
  t.probing = true;
  t.answered = false;
  t.sampled = false;
  t.round_began = now;
  t.round_sequence = sequence_ + 1;
  t.escalates = now + timeout;
  // two and a half timeouts: one for the answer, the rest for the way over a helper
  t.round_ends = now
                 + std::max<std::chrono::microseconds>(settings_.probe_interval * (1 + health_),
                                                       timeout * 5 / 2);
  probe(id, t, now, out);
}

void failure_detector::end_round(const node_identity& id, target& t, time_point now,
                                 std::vector<detector_action>& out) {
  if (t.answered || t.heard > t.round_began) {
    t.misses = 0;
    return;
  }
  ++t.misses;
  // one silent target is the target's trouble; silence all around is more likely our own, but a
  // single other member is not all around
  if (peers_.size() > 1 && heard_anybody_ <= t.round_began
      && now - health_raised_ >= settings_.probe_interval) {
    raise_health(1);
    health_raised_ = now;
  }
  if (t.misses < settings_.misses || now - t.heard < settings_.traffic_grace)
    return;
  t.misses = settings_.misses;
  t.accused = true;
  out.push_back(accuse{id});
}

/// A second probe, since the first may only have been lost, and helpers whose way there may be
/// better than ours. Those that are silent themselves are asked last, and who is asked changes with
/// each round.
void failure_detector::escalate(const node_identity& id, target& t, time_point now,
                                std::vector<detector_action>& out) {
  t.escalates = time_point::max();
  if (t.answered)
    return;
  probe(id, t, now, out);
  std::vector<std::tuple<bool, std::uint64_t, std::size_t>> helpers;
  for (std::size_t i = 0; i < peers_.size(); ++i)
    if (peers_[i] != id) {
      const auto known = targets_.find(peers_[i]);
      const bool silent = known != targets_.end() && known->second.misses > 0;
      helpers.emplace_back(silent, stable_hash(t.round_sequence, i), i);
    }
  const auto count = std::min<std::size_t>(helpers.size(), settings_.helpers);
  std::partial_sort(helpers.begin(), helpers.begin() + static_cast<std::ptrdiff_t>(count),
                    helpers.end());
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(ask_indirect{peers_[std::get<2>(helpers[i])], id, t.round_sequence});
}

void failure_detector::probe(const node_identity& id, target& t, time_point now,
                             std::vector<detector_action>& out) {
  std::rotate(t.sent.begin(), t.sent.end() - 1, t.sent.end());
  t.sent[0] = {++sequence_, now};
  out.push_back(send_probe{id, sequence_});
}

void failure_detector::acked(const node_identity& peer, std::uint64_t sequence, time_point now) {
  heard_from(peer, now);
  const auto found = targets_.find(peer);
  if (found == targets_.end() || sequence == 0)
    return;
  auto& t = found->second;
  for (auto& sent : t.sent)
    if (sent.sequence == sequence) {
      // a peer that stood still answers all at once: that says little of the way to it, so a round
      // counts once, and no answer as later than the timeout that it missed
      if (!std::exchange(t.sampled, true))
        t.rtt.sample(std::min(std::chrono::duration_cast<round_trip::duration>(now - sent.at),
                              t.rtt.timeout(settings_.timeout_min, settings_.timeout_max)));
      sent.sequence = 0;
      if (sequence >= t.round_sequence && !std::exchange(t.answered, true) && health_ > 0)
        --health_;
      return;
    }
}

void failure_detector::indirect_acked(const node_identity& peer, std::uint64_t sequence,
                                      time_point now) {
  const auto found = targets_.find(peer);
  if (found == targets_.end() || sequence == 0 || sequence != found->second.round_sequence)
    return;
  found->second.answered = true;
  heard_from(peer, now);
}

void failure_detector::heard_from(const node_identity& peer, time_point now) {
  heard_anybody_ = std::max(heard_anybody_, now);
  const auto found = targets_.find(peer);
  if (found == targets_.end())
    return;
  auto& t = found->second;
  t.heard = std::max(t.heard, now);
  t.misses = 0;
  if (std::exchange(t.accused, false))
    withdrawn_.push_back(peer); // said at the next tick
}

std::vector<failure_detector::target_state> failure_detector::describe() const {
  std::vector<target_state> all;
  for (const auto& [id, t] : targets_)
    all.push_back({id, t.misses, t.accused, t.rtt.smoothed()});
  return all;
}

void failure_detector::raise_health(std::uint32_t by) noexcept {
  health_ = std::min(health_ + by, settings_.health_max);
}

void failure_detector::plan_next() noexcept {
  next_tick_at_ = time_point::max();
  for (const auto& [id, t] : targets_)
    next_tick_at_ = std::min(
        {next_tick_at_, t.round_ends, t.probing && !t.answered ? t.escalates : time_point::max()});
}

std::chrono::microseconds failure_detector::stretched_timeout(const target& t) const noexcept {
  return t.rtt.timeout(settings_.timeout_min, settings_.timeout_max) * (1 + health_);
}

} // namespace argosy::cluster
