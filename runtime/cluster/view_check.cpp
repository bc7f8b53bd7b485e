// view_check: what a view from the wire must be before anybody acts on it.
#include "runtime/cluster/view.hpp"
#include "runtime/core/address.hpp"

#include <algorithm>

namespace argosy::cluster {

namespace {

using complaint = std::optional<std::string>;

/// What is not printable is shown as '?': the text may come from a stranger.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, member_name_max))
    out += c > ' ' && c < 0x7F && c != '"' ? c : '?';
  return out + '"';
}

complaint check_name(std::string_view name) {
  if (valid_member_name(name))
    return std::nullopt;
  return "The node name " + quoted(name) + " must be 1 to " + std::to_string(member_name_max)
         + " characters of a-z, A-Z, 0-9, '.', '_' and '-'.";
}

complaint check_member(const member& m) {
  if (auto wrong = check_name(m.id.name))
    return wrong;
  const auto printable = [](char c) { return c > ' ' && c < 0x7F; };
  if (m.address.empty() || m.address.size() > address_text_max
      || !std::all_of(m.address.begin(), m.address.end(), printable))
    return "The cluster address " + quoted(m.address) + " of " + m.id.name + " must be 1 to "
           + std::to_string(address_text_max) + " printable characters.";
  for (const auto& place : {m.zone, m.region})
    if (!place.empty() && !valid_member_name(place))
      return "The zone or region " + quoted(place) + " of " + m.id.name
             + " must be written like a node name, or be empty.";
  if (m.weight > weight_max)
    return "The weight " + std::to_string(m.weight) + " of " + m.id.name + " must be 0 to "
           + std::to_string(weight_max) + ".";
  if (m.state > member_state::leaving)
    return "The member " + m.id.name + " must be joining, up or leaving.";
  return std::nullopt;
}

complaint check_overrides(const std::vector<shard_override>& overrides) {
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    if (overrides[i].shard >= shard_count)
      return "There is no shard " + std::to_string(overrides[i].shard) + " to put anywhere.";
    if (i > 0 && overrides[i - 1].shard >= overrides[i].shard)
      return "The shards put by hand must be in order, each once; shard "
             + std::to_string(overrides[i].shard) + " is not.";
    if (auto wrong = check_name(overrides[i].member))
      return wrong;
  }
  return std::nullopt;
}

complaint check_previous(const placement_input& previous) {
  if (previous.members.size() > members_max)
    return "A view may name at most " + std::to_string(members_max) + " previous owners.";
  for (std::size_t i = 0; i < previous.members.size(); ++i) {
    const auto& m = previous.members[i];
    if (auto wrong = check_name(m.id.name))
      return wrong;
    if (i > 0 && previous.members[i - 1].id.name >= m.id.name)
      return "The previous owners must be in order, each once; " + m.id.name + " is not.";
    if (m.weight == 0 || m.weight > weight_max)
      return "The previous owner " + m.id.name + " must have a weight of 1 to "
             + std::to_string(weight_max) + ".";
  }
  return check_overrides(previous.overrides);
}

complaint check_fenced(const view& v) {
  if (v.fenced.size() > fenced_max)
    return "A view may fence at most " + std::to_string(fenced_max) + " names.";
  std::vector<std::string_view> names;
  for (const auto& f : v.fenced) {
    if (auto wrong = check_name(f.name))
      return wrong;
    if (const auto* m = find(v, f.name); m != nullptr && m->id.incarnation <= f.incarnation)
      return to_string(m->id) + " cannot be a member because " + to_string(f) + " is fenced.";
    names.push_back(f.name);
  }
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    return "The name " + std::string{*twice} + " is fenced twice.";
  return std::nullopt;
}

} // namespace

complaint check(const view& v) {
  if (v.members.size() > members_max)
    return "A view may have at most " + std::to_string(members_max) + " members, not "
           + std::to_string(v.members.size()) + ".";
  for (std::size_t i = 0; i < v.members.size(); ++i) {
    if (auto wrong = check_member(v.members[i]))
      return wrong;
    if (i > 0 && v.members[i - 1].id.name >= v.members[i].id.name)
      return "The members must be in order of their names, each once; " + v.members[i].id.name
             + " is not.";
  }
  if (auto wrong = check_overrides(v.overrides))
    return wrong;
  if (auto wrong = check_previous(v.previous))
    return wrong;
  return check_fenced(v);
}

} // namespace argosy::cluster
