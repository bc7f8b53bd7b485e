#include "runtime/cluster/member.hpp"

#include "runtime/cluster/stable_hash.hpp"

#include <algorithm>
#include <charconv>

namespace argosy::cluster {

namespace {

bool name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
         || c == '_' || c == '-';
}

} // namespace

bool valid_member_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= member_name_max
         && std::all_of(name.begin(), name.end(), name_char);
}

std::string to_string(const node_identity& id) {
  return id.name + '#' + std::to_string(id.incarnation);
}

std::optional<node_identity> parse_identity(std::string_view text) {
  const auto mark = text.rfind('#');
  if (mark == std::string_view::npos || !valid_member_name(text.substr(0, mark)))
    return std::nullopt;
  const auto digits = text.substr(mark + 1);
  node_identity id{std::string{text.substr(0, mark)}, 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), id.incarnation);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return id;
}

std::string_view to_string(member_state state) noexcept {
  switch (state) {
  case member_state::joining:
    return "joining";
  case member_state::up:
    return "up";
  case member_state::leaving:
    return "leaving";
  case member_state::down:
    break;
  }
  return "down";
}

} // namespace argosy::cluster

std::size_t std::hash<argosy::cluster::node_identity>::operator()(
    const argosy::cluster::node_identity& id) const noexcept {
  using namespace argosy::cluster;
  return static_cast<std::size_t>(mixed(stable_hash(id.name) ^ id.incarnation));
}
