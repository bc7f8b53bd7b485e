#include "runtime/cluster/view.hpp"

#include "runtime/core/address.hpp"

#include <algorithm>
#include <utility>

namespace argosy::cluster {

namespace {

bool before(const member& m, std::string_view name) noexcept {
  return m.id.name < name;
}

auto place_of(const view& v, std::string_view name) noexcept {
  return std::lower_bound(v.members.begin(), v.members.end(), name, before);
}

transition refuse(refusal why, std::string text) {
  return {std::nullopt, why, std::move(text)};
}

/// `v` under the next number, with its own placement as the previous one.
view successor(const view& v) {
  view next = v;
  next.no = v.no + 1;
  next.previous = placement_input_of(v);
  next.leases_left.clear();
  return next;
}

transition decided(view next) {
  return {std::move(next), refusal::none, {}};
}

member& at(view& v, std::string_view name) {
  return *std::lower_bound(v.members.begin(), v.members.end(), name, before);
}

/// The newest end last, one per name. Beyond the bound the oldest is forgotten: a thousand later
/// deaths lie between it and a message of its that could still be on the way.
void fence(view& v, const node_identity& id) {
  std::erase_if(v.fenced, [&](const node_identity& f) { return f.name == id.name; });
  if (v.fenced.size() >= fenced_max)
    v.fenced.erase(v.fenced.begin());
  v.fenced.push_back(id);
}

void remove(view& v, const node_identity& id) {
  v.members.erase(place_of(v, id.name));
  fence(v, id);
}

const node_identity* fenced_life(const view& v, std::string_view name) noexcept {
  const auto found = std::find_if(v.fenced.begin(), v.fenced.end(),
                                  [&](const node_identity& f) { return f.name == name; });
  return found == v.fenced.end() ? nullptr : &*found;
}

std::string in_view(const view& v) {
  return " in view " + std::to_string(v.no);
}

transition unknown(const view& v, std::string_view who) {
  return refuse(refusal::unknown_member, std::string{who} + " is no member" + in_view(v) + ".");
}

transition wrong_state(const view& v, const member& m, std::string_view wanted) {
  return refuse(refusal::wrong_state, to_string(m.id) + " is " + std::string{to_string(m.state)}
                                          + in_view(v) + ", not " + std::string{wanted} + ".");
}

transition clash(const member& there, const member& joiner) {
  return refuse(refusal::name_clash,
                "The name " + joiner.id.name + " belongs to " + to_string(there.id) + " at "
                    + there.address + ", and " + joiner.address
                    + " asks for it, too: give this node another name, or wait until that one is "
                      "declared down.");
}

transition outlived(const node_identity& joiner, const node_identity& later) {
  return refuse(refusal::fenced, to_string(joiner) + " cannot join because " + to_string(later)
                                     + " is as new or newer: restart the node, it then takes a "
                                       "higher incarnation.");
}

auto override_of(std::vector<shard_override>& all, std::uint32_t shard) {
  return std::lower_bound(all.begin(), all.end(), shard,
                          [](const shard_override& o, std::uint32_t s) { return o.shard < s; });
}

} // namespace

const member* find(const view& v, std::string_view name) noexcept {
  const auto found = place_of(v, name);
  return found != v.members.end() && found->id.name == name ? &*found : nullptr;
}

const member* find(const view& v, const node_identity& id) noexcept {
  const auto* found = find(v, id.name);
  return found != nullptr && found->id.incarnation == id.incarnation ? found : nullptr;
}

bool is_fenced(const view& v, const node_identity& id) noexcept {
  const auto* live = find(v, id.name);
  if (live != nullptr && live->id.incarnation > id.incarnation)
    return true;
  const auto* ended = fenced_life(v, id.name);
  return ended != nullptr && ended->incarnation >= id.incarnation;
}

placement_input placement_input_of(const view& v) {
  placement_input input;
  for (const auto& m : v.members)
    if (m.state == member_state::up && m.weight > 0)
      input.members.push_back({m.id, m.weight});
  input.overrides = v.overrides;
  return input;
}

std::string to_string(const view& v) {
  std::string text = "view " + std::to_string(v.no) + ":";
  if (v.members.empty())
    return text + " nobody";
  const char* separator = " ";
  for (const auto& m : v.members) {
    text.append(separator).append(m.id.name).append(" ").append(to_string(m.state));
    separator = ", ";
  }
  return text;
}

transition admit(const view& v, const member& joiner) {
  view alone;
  alone.members = {joiner};
  alone.members[0].state = member_state::joining;
  if (auto wrong = check(alone))
    return refuse(refusal::malformed, std::move(*wrong));
  const auto* there = find(v, joiner.id.name);
  if (there != nullptr) {
    if (there->address != joiner.address)
      return clash(*there, joiner);
    if (there->id == joiner.id)
      return refuse(refusal::already, to_string(joiner.id) + " is a member" + in_view(v) + ".");
    if (there->id.incarnation > joiner.id.incarnation)
      return outlived(joiner.id, there->id);
  }
  if (const auto* ended = fenced_life(v, joiner.id.name);
      ended != nullptr && ended->incarnation >= joiner.id.incarnation)
    return outlived(joiner.id, *ended);
  if (there == nullptr && v.members.size() >= members_max)
    return refuse(refusal::full, "The cluster has " + std::to_string(members_max)
                                     + " members, which is all it takes: drain a node first.");
  auto next = successor(v);
  if (there != nullptr)
    remove(next, there->id);
  next.members.insert(place_of(next, joiner.id.name), alone.members[0]);
  return decided(std::move(next));
}

transition raise(const view& v, const std::vector<node_identity>& ids) {
  auto next = successor(v);
  bool changed = false;
  for (const auto& id : ids)
    if (const auto* m = find(next, id); m != nullptr && m->state == member_state::joining) {
      at(next, id.name).state = member_state::up;
      changed = true;
    }
  if (!changed)
    return refuse(refusal::already, "None of those named is joining" + in_view(v) + ".");
  return decided(std::move(next));
}

transition retire(const view& v, const node_identity& id) {
  const auto* m = find(v, id);
  if (m == nullptr)
    return unknown(v, to_string(id));
  if (m->state == member_state::leaving)
    return refuse(refusal::already, to_string(id) + " is leaving" + in_view(v) + ".");
  auto next = successor(v);
  at(next, id.name).state = member_state::leaving;
  return decided(std::move(next));
}

transition release(const view& v, const node_identity& id) {
  const auto* m = find(v, id);
  if (m == nullptr)
    return unknown(v, to_string(id));
  if (m->state != member_state::leaving)
    return wrong_state(v, *m, "leaving");
  auto next = successor(v);
  remove(next, id);
  std::erase_if(next.overrides, [&](const shard_override& o) { return o.member == id.name; });
  return decided(std::move(next));
}

transition condemn(const view& v, const std::vector<node_identity>& ids) {
  auto next = successor(v);
  for (const auto& id : ids)
    if (find(next, id) != nullptr)
      remove(next, id);
  if (next.members.size() == v.members.size())
    return refuse(refusal::unknown_member, "None of those named is a member" + in_view(v) + ".");
  return decided(std::move(next));
}

transition set_override(const view& v, std::uint32_t shard, std::string_view name) {
  if (shard >= shard_count)
    return refuse(refusal::malformed, "There is no shard " + std::to_string(shard)
                                          + ": they are 0 to " + std::to_string(shard_count - 1)
                                          + ".");
  if (find(v, name) == nullptr)
    return unknown(v, name);
  auto next = successor(v);
  const auto place = override_of(next.overrides, shard);
  if (place == next.overrides.end() || place->shard != shard)
    next.overrides.insert(place, {shard, std::string{name}});
  else if (place->member == name)
    return refuse(refusal::already, "Shard " + std::to_string(shard) + " is put on "
                                        + std::string{name} + in_view(v) + ".");
  else
    place->member = name;
  return decided(std::move(next));
}

transition clear_override(const view& v, std::uint32_t shard) {
  auto next = successor(v);
  if (std::erase_if(next.overrides, [&](const shard_override& o) { return o.shard == shard; }) == 0)
    return refuse(refusal::already,
                  "Shard " + std::to_string(shard) + " is put nowhere by hand" + in_view(v) + ".");
  return decided(std::move(next));
}

transition set_weight(const view& v, std::string_view name, std::uint32_t weight) {
  const auto* m = find(v, name);
  if (m == nullptr)
    return unknown(v, name);
  if (weight > weight_max)
    return refuse(refusal::malformed, "The weight " + std::to_string(weight)
                                          + " is too large: give 0 to " + std::to_string(weight_max)
                                          + ".");
  if (m->weight == weight)
    return refuse(refusal::already, std::string{name} + " has the weight " + std::to_string(weight)
                                        + in_view(v) + ".");
  auto next = successor(v);
  at(next, name).weight = weight;
  return decided(std::move(next));
}

} // namespace argosy::cluster
