#include "runtime/cluster/outbox.hpp"

#include <algorithm>
#include <utility>

namespace argosy::cluster {

namespace {

// The lanes that strict priority could starve, each in its turn first.
constexpr std::array fair_lanes{link_lane::bulk, link_lane::latest, link_lane::event};

// A queue that has been long gives its memory back once it is empty.
constexpr std::size_t slots_kept_max = 1024;

std::size_t cost_of(const shared_bytes& bytes) noexcept {
  return bytes->size() + envelope_overhead;
}

bool urgent(link_lane lane) noexcept {
  return lane <= link_lane::ack;
}

bool singly_droppable(message_class policy) noexcept {
  return policy == message_class::conflate || policy == message_class::drop_old;
}

} // namespace

outbox::outbox(const outbox_settings& settings) : settings_(settings) {
  settings_.envelope_bytes_max = std::min(settings_.envelope_bytes_max, settings_.window_bytes);
}

// -- in ------------------------------------------------------------------------------------------

outbox::verdict outbox::push(link_lane lane, message_class policy, std::uint64_t key,
                             shared_bytes bytes) {
  ++counts_.pushed;
  if (bytes->size() > settings_.envelope_bytes_max) {
    count_loss(loss::refused);
    return verdict::too_large;
  }
  auto& in = at(lane);
  if (policy == message_class::lag && lagging_.contains(key)) {
    count_loss(loss::lagging);
    return verdict::lagging;
  }
  if (policy == message_class::conflate && key != 0 && replace(in, key, bytes))
    return verdict::replaced;
  const auto cost = cost_of(bytes);
  if (!has_room(lane, cost)) {
    if (policy == message_class::lag)
      return fall_behind(in, key);
    if (policy == message_class::must_deliver) {
      count_loss(loss::refused);
      return verdict::full;
    }
    if (!make_room(lane, cost)) {
      count_loss(loss::overflow);
      return verdict::dropped;
    }
  }
  add({lane, policy, key, std::move(bytes)});
  return verdict::queued;
}

bool outbox::has_room(link_lane lane, std::size_t cost) const noexcept {
  const auto reserve = urgent(lane) ? settings_.backlog_reserve_bytes : 0;
  return cost_ + cost <= settings_.backlog_bytes_max + reserve;
}

// Drops nothing unless it is enough.
bool outbox::make_room(link_lane lane, std::size_t cost) {
  auto& in = at(lane);
  const auto reserve = urgent(lane) ? settings_.backlog_reserve_bytes : 0;
  if (cost_ + cost > settings_.backlog_bytes_max + reserve + in.droppable_cost)
    return false;
  while (!has_room(lane, cost)) {
    take(in.droppable.first);
    count_loss(loss::overflow);
  }
  return true;
}

// The place in the queue stays, unless the newcomer is so much larger that room must be made for
// it.
bool outbox::replace(lane_state& in, std::uint64_t key, shared_bytes& bytes) {
  const auto found = in.newest.find(key);
  if (found == in.newest.end())
    return false;
  auto& queued = slots_[found->second];
  count_loss(loss::replaced);
  const auto growth = bytes->size() - std::min(bytes->size(), queued.bytes->size());
  if (growth > 0 && !has_room(queued.lane, growth)) {
    take(found->second);
    return false;
  }
  const auto change = bytes->size() - queued.bytes->size(); // may wrap, and back again
  bytes_ += change;
  cost_ += change;
  in.droppable_cost += change;
  queued.bytes = std::move(bytes);
  return true;
}

// Half a room's events would only be a gap: they all go, and a range brings them back in order.
outbox::verdict outbox::fall_behind(lane_state& in, std::uint64_t key) {
  if (std::max(lagging_.size(), newly_lagging_.size()) >= settings_.lagging_keys_max) {
    count_loss(loss::refused);
    return verdict::full;
  }
  for (auto found = in.may_lag.find(key); found != in.may_lag.end(); found = in.may_lag.find(key)) {
    take(found->second.first);
    count_loss(loss::lagging);
  }
  count_loss(loss::lagging);
  lagging_.insert(key);
  newly_lagging_.push_back(key);
  return verdict::lagging;
}

void outbox::add(envelope e) {
  auto& in = at(e.lane);
  const auto size = e.bytes->size();
  const auto n = slots_.add(std::move(e));
  const auto& added = slots_[n];
  slots_.append<by_lane>(in.waiting, n);
  if (added.policy == message_class::lag)
    slots_.append<by_rule>(in.may_lag[added.key], n);
  if (singly_droppable(added.policy)) {
    slots_.append<by_rule>(in.droppable, n);
    in.droppable_cost += size + envelope_overhead;
  }
  if (added.policy == message_class::conflate && added.key != 0)
    in.newest[added.key] = n;
  ++queued_;
  bytes_ += size;
  cost_ += size + envelope_overhead;
}

outbox::envelope outbox::take(slot_number n) {
  const auto& e = slots_[n];
  auto& in = at(e.lane);
  const auto cost = cost_of(e.bytes);
  slots_.unlink<by_lane>(in.waiting, n);
  if (e.policy == message_class::lag) {
    const auto found = in.may_lag.find(e.key);
    slots_.unlink<by_rule>(found->second, n);
    if (found->second.empty())
      in.may_lag.erase(found);
  }
  if (singly_droppable(e.policy)) {
    slots_.unlink<by_rule>(in.droppable, n);
    in.droppable_cost -= cost;
  }
  if (e.policy == message_class::conflate && e.key != 0)
    in.newest.erase(e.key);
  --queued_;
  bytes_ -= cost - envelope_overhead;
  cost_ -= cost;
  auto out = slots_.remove(n);
  if (queued_ == 0 && slots_.capacity() > slots_kept_max)
    slots_.shrink();
  return out;
}

// -- out -----------------------------------------------------------------------------------------

bool outbox::fits(slot_number n) const noexcept {
  const auto& e = slots_[n];
  const auto reserve = e.lane == link_lane::control ? settings_.window_reserve_bytes
                       : e.lane == link_lane::ack   ? settings_.window_reserve_bytes / 2
                                                    : 0;
  return in_flight() + e.bytes->size() <= settings_.window_bytes + reserve;
}

std::optional<link_lane> outbox::lane_of_fair_turn() const noexcept {
  if (since_fair_turn_ + 1 < settings_.fair_turn)
    return std::nullopt;
  for (std::size_t i = 0; i < fair_lanes.size(); ++i)
    if (const auto lane = fair_lanes[(fair_turns_ + i) % fair_lanes.size()];
        !at(lane).waiting.empty())
      return lane;
  return std::nullopt;
}

bool outbox::sendable() const noexcept {
  const auto turn = lane_of_fair_turn();
  if (turn && fits(at(*turn).waiting.first))
    return true;
  for (std::size_t i = 0; i < link_lane_count; ++i)
    if (!lanes_[i].waiting.empty())
      return (!turn || urgent(static_cast<link_lane>(i))) && fits(lanes_[i].waiting.first);
  return false;
}

std::optional<outbox::time_point> outbox::next_flush_at() const {
  if (!sendable())
    return std::nullopt;
  const bool enough =
      bytes_ >= settings_.batch_bytes_max || queued_ >= settings_.batch_envelopes_max;
  return enough ? last_flush_ : last_flush_ + settings_.flush_interval;
}

outbox::stop outbox::fill(batch& out, link_lane lane) {
  auto& in = at(lane);
  while (!in.waiting.empty()) {
    const auto first = in.waiting.first;
    const auto size = slots_[first].bytes->size();
    if (out.envelopes.size() >= settings_.batch_envelopes_max
        || (!out.envelopes.empty() && out.bytes + size > settings_.batch_bytes_max))
      return stop::batch_full;
    if (!fits(first))
      return stop::window_closed;
    out.bytes += size;
    sent_ += size;
    out.envelopes.push_back(take(first));
  }
  return stop::lane_empty;
}

outbox::batch outbox::take_batch(time_point now) {
  batch out;
  // While the lane whose turn it is waits for the window, no other may take what the peer frees.
  bool turn_waits = false;
  const auto turn = lane_of_fair_turn();
  if (turn) {
    fill(out, *turn);
    turn_waits = out.envelopes.empty();
    if (!turn_waits) {
      const auto at_turn = std::find(fair_lanes.begin(), fair_lanes.end(), *turn);
      fair_turns_ = static_cast<std::size_t>(at_turn - fair_lanes.begin()) + 1;
    }
  }
  for (std::size_t i = 0; i < link_lane_count; ++i) {
    const auto lane = static_cast<link_lane>(i);
    if ((turn_waits && !urgent(lane)) || fill(out, lane) != stop::lane_empty)
      break;
  }
  if (out.envelopes.empty())
    return out;
  if (turn && !turn_waits)
    since_fair_turn_ = 0;
  else
    since_fair_turn_ = std::min(since_fair_turn_ + 1, settings_.fair_turn);
  counts_.taken += out.envelopes.size();
  out.sequence = ++sequence_;
  last_flush_ = now;
  return out;
}

bool outbox::acked(std::uint64_t handled_bytes) {
  if (handled_bytes > sent_)
    return false;
  handled_ = std::max(handled_, handled_bytes);
  return true;
}

void outbox::restart() noexcept {
  sent_ = handled_ = sequence_ = 0;
}

std::vector<outbox::envelope> outbox::close() {
  std::vector<envelope> out;
  out.reserve(queued_);
  for (auto& in : lanes_)
    while (!in.waiting.empty()) {
      out.push_back(take(in.waiting.first));
      count_loss(loss::closed);
    }
  return out;
}

std::vector<std::uint64_t> outbox::take_lagging() {
  return std::exchange(newly_lagging_, {});
}

} // namespace argosy::cluster
