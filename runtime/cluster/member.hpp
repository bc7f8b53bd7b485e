// member: who a node of the cluster is, in every message and table of it.
//
// A name alone is not enough: a node that restarts keeps its name, and what was said to or about
// the earlier life must never be taken for the later one. So identity is (name, incarnation), and a
// newer life has the higher incarnation. Values, pure.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::cluster {

inline constexpr std::size_t member_name_max = 64;

/// True for 1 to 64 characters of [a-zA-Z0-9._-].
bool valid_member_name(std::string_view name) noexcept;

struct node_identity {
  std::string name;
  std::uint64_t incarnation = 0;

  friend auto operator<=>(const node_identity&, const node_identity&) = default;
};

/// `name#incarnation`.
std::string to_string(const node_identity& id);

/// Reads that text; nothing if it is not one.
std::optional<node_identity> parse_identity(std::string_view text);

enum class member_state : std::uint8_t {
  joining, ///< known, has not acknowledged a view yet; owns nothing
  up,      ///< may own shards
  leaving, ///< drains: hands its shards over, still answers
  down,    ///< declared dead; what a view says of it is in `view::fenced`
};

/// "joining", "up", "leaving" or "down".
std::string_view to_string(member_state state) noexcept;

struct member {
  node_identity id;
  std::string address; ///< host:port of its cluster port
  member_state state = member_state::joining;
  std::uint32_t weight = 100; ///< its share of the shards against the others'; 0 = none
  std::string zone;
  std::string region;

  friend bool operator==(const member&, const member&) = default;
};

} // namespace argosy::cluster

/// The same on every node and build, so it may also order things that nodes must agree on.
template <>
struct std::hash<argosy::cluster::node_identity> {
  std::size_t operator()(const argosy::cluster::node_identity& id) const noexcept;
};
