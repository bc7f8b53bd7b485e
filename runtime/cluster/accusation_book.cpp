#include "runtime/cluster/accusation_book.hpp"

#include "runtime/cluster/observers.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace argosy::cluster {

namespace {

/// Enough for every observer, old and new, of a target; the rest is noise.
constexpr std::size_t accusers_kept_max = 4 * observers_max;

bool is_up(const view& v, const node_identity& id) {
  const auto* m = find(v, id);
  return m != nullptr && m->state == member_state::up;
}

} // namespace

accusation_book::accusation_book(node_identity leader, std::vector<std::string> voters,
                                 time_point now, const accusation_settings& settings)
    : leader_(std::move(leader)), voters_(std::move(voters)), settings_(settings), since_(now) {
}

void accusation_book::accuse(const node_identity& accuser, const node_identity& target,
                             time_point now) {
  heard_from(accuser, now);
  if (accuser == target || (charges_.size() >= members_max && !charges_.contains(target)))
    return;
  auto& accusers = charges_[target].accusers;
  if (accusers.size() < accusers_kept_max || accusers.contains(accuser))
    accusers[accuser] = now;
}

void accusation_book::withdraw(const node_identity& accuser, const node_identity& target) {
  if (const auto found = charges_.find(target); found != charges_.end())
    found->second.accusers.erase(accuser);
}

void accusation_book::proof_of_death(const node_identity& target, time_point since) {
  if (charges_.size() >= members_max && !charges_.contains(target))
    return;
  auto& c = charges_[target];
  if (!std::exchange(c.proven, true))
    c.proven_since = since;
}

void accusation_book::heard_from(const node_identity& member, time_point now) {
  if (heard_.size() < 2 * members_max || heard_.contains(member))
    heard_[member] = now;
}

std::vector<node_identity> accusation_book::due(time_point now, const view& v) {
  forget(now, v);
  std::vector<node_identity> ripe;
  for (auto& [target, c] : charges_) {
    const bool was_ripe = std::exchange(c.ripe, enough(target, c, now, v));
    if (!c.ripe)
      continue;
    if (!was_ripe)
      c.ripe_since = c.proven ? std::min(c.proven_since, now) : now;
    ripe.push_back(target);
  }
  ripe = within_majority(std::move(ripe), v);
  const bool batch_is_over = std::any_of(ripe.begin(), ripe.end(), [&](const node_identity& id) {
    return now - charges_.at(id).ripe_since >= settings_.batch;
  });
  return batch_is_over ? ripe : std::vector<node_identity>{};
}

void accusation_book::forget(time_point now, const view& v) {
  for (auto& [target, c] : charges_)
    std::erase_if(c.accusers, [&](const auto& a) { return now - a.second > settings_.expiry; });
  std::erase_if(charges_, [&](const auto& entry) {
    return find(v, entry.first) == nullptr
           || (entry.second.accusers.empty() && !entry.second.proven);
  });
  std::erase_if(heard_, [&](const auto& entry) { return find(v, entry.first) == nullptr; });
}

bool accusation_book::enough(const node_identity& target, const charge& c, time_point now,
                             const view& v) const {
  if (target == leader_)
    return false; // who can decide this is alive
  if (c.proven)
    return true;
  const auto heard = heard_.find(target);
  if (heard != heard_.end() && now - heard->second < settings_.traffic_grace)
    return false;
  const auto against = count(target, v);
  std::size_t said = 0;
  for (const auto& [accuser, when] : c.accusers)
    if (is_up(v, accuser) && count(accuser, v) <= against)
      ++said;
  const auto observers = observers_of(v, target);
  const auto possible =
      std::count_if(observers.begin(), observers.end(),
                    [&](const node_identity& o) { return is_up(v, o) && !silent(o, now); });
  const auto needed =
      std::clamp<std::size_t>(static_cast<std::size_t>(possible), 1, settings_.accusers);
  return said >= needed;
}

/// By how many members that are up it is accused.
std::size_t accusation_book::count(const node_identity& target, const view& v) const {
  const auto found = charges_.find(target);
  if (found == charges_.end())
    return 0;
  const auto& accusers = found->second.accusers;
  return static_cast<std::size_t>(std::count_if(accusers.begin(), accusers.end(),
                                                [&](const auto& a) { return is_up(v, a.first); }));
}

bool accusation_book::silent(const node_identity& member, time_point now) const {
  if (member == leader_)
    return false;
  const auto heard = heard_.find(member);
  return now - (heard == heard_.end() ? since_ : heard->second) > settings_.silent_after;
}

/// Others than voters all; voters by the weight of what is said, while a majority of them stays.
std::vector<node_identity> accusation_book::within_majority(std::vector<node_identity> ripe,
                                                            const view& v) const {
  const auto is_voter = [&](const node_identity& id) {
    return std::find(voters_.begin(), voters_.end(), id.name) != voters_.end();
  };
  const auto weight = [&](const node_identity& id) {
    const auto& c = charges_.at(id);
    return std::tuple{c.proven, c.accusers.size()};
  };
  auto stay = std::count_if(v.members.begin(), v.members.end(),
                            [&](const member& m) { return is_voter(m.id); });
  const auto majority = static_cast<std::ptrdiff_t>(voters_.size() / 2 + 1);
  std::stable_sort(ripe.begin(), ripe.end(), [&](const node_identity& a, const node_identity& b) {
    return weight(a) > weight(b);
  });
  std::erase_if(ripe, [&](const node_identity& id) {
    if (!is_voter(id))
      return false;
    if (stay <= majority)
      return true;
    --stay;
    return false;
  });
  std::sort(ripe.begin(), ripe.end());
  return ripe;
}

} // namespace argosy::cluster
