#include "runtime/cluster/joining.hpp"

#include <algorithm>

namespace argosy::cluster {

namespace {

/// Refusals are repeated at each attempt; one that is not has been overtaken.
constexpr std::chrono::seconds stale{4};

} // namespace

joining::joining(std::string self, std::vector<std::pair<std::string, std::string>> seeds)
    : self_(std::move(self)), seeds_(std::move(seeds)) {
}

void joining::reached(const std::string& seed) {
  const auto is_seed = [&](const auto& s) { return s.first == seed; };
  if (std::any_of(seeds_.begin(), seeds_.end(), is_seed))
    reached_.insert(seed); // it may still refuse in a moment: what it said before is kept
}

void joining::refused(const std::string& seed, std::string why, time_point now) {
  reached_.erase(seed);
  auto& r = refusals_.try_emplace(seed, refusal{{}, now, now}).first->second;
  if (now - r.last > stale)
    r.since = now;
  r.why = std::move(why);
  r.last = now;
}

void joining::refused_by_leader(std::string why, time_point now) {
  if (!leader_ || now - leader_->last > stale)
    leader_ = refusal{{}, now, now};
  leader_->why = std::move(why);
  leader_->last = now;
}

void joining::joined() {
  member_ = was_member_ = true;
  refusals_.clear();
  leader_.reset();
  next_warning_.reset();
  pause_ = first_warning;
}

std::optional<std::string> joining::final_refusal(time_point now) const {
  if (leader_ && leader_->last - leader_->since >= leader_patience && now - leader_->last <= stale)
    return leader_->why;
  if (reached_.empty())
    for (const auto& [seed, r] : refusals_)
      if (now - r.since >= refused_patience && now - r.last <= stale)
        return r.why;
  return std::nullopt;
}

bool joining::enough_reached() const {
  const auto is_self = [&](const auto& s) { return s.first == self_; };
  if (std::none_of(seeds_.begin(), seeds_.end(), is_self))
    return !reached_.empty();
  return reached_.size() + 1 > seeds_.size() / 2;
}

std::string joining::missing() const {
  std::string names;
  for (const auto& [name, address] : seeds_)
    if (name != self_ && !reached_.contains(name))
      names.append(names.empty() ? "" : ", ").append(name).append(" at ").append(address);
  return names;
}

joining::advice joining::tick(time_point now) {
  advice out;
  if (std::exchange(member_, false)) // said again by whoever looks
    return out;
  if (!gave_up_ && !was_member_)
    if (auto why = final_refusal(now)) {
      gave_up_ = true;
      out.give_up = std::move(why);
      return out;
    }
  if (!next_warning_)
    next_warning_ = now + pause_;
  if (now < *next_warning_ || enough_reached())
    return out;
  pause_ = std::min(2 * pause_, last_warning);
  next_warning_ = now + pause_;
  out.warning = "cluster.seeds: not reached are " + missing()
                + "; this node waits for them, start them or correct their addresses";
  return out;
}

} // namespace argosy::cluster
