// view: the numbered list of members that the voters decided, and how one view follows another.
//
// Picture the crew list on a ship's wall: who signs on or off is written on a new sheet with the
// next number, and everybody acts by the newest sheet he has seen. The number is the fencing epoch,
// and every message between nodes carries it. A view also says who could own shards one view ago,
// so that each node can work out, alone, from whom it has to fetch what it now owns.
//
// Invariant: members are sorted by name, no two have one name, none is `down`: who is declared dead
// or has left is no member, and stands in `fenced` so that what his earlier life still says is
// refused. Values and pure functions; called by the leader, which proposes, and by everybody else,
// who applies what Raft hands out.
#pragma once

#include "runtime/cluster/member.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::cluster {

inline constexpr std::size_t members_max = 1024;
inline constexpr std::size_t fenced_max = 1024;
inline constexpr std::size_t address_text_max = 255;
inline constexpr std::uint32_t weight_max = 65'535;

/// A shard that an operator or the balancer put on a member by hand. By name: it holds again when
/// the member comes back under a new incarnation.
struct shard_override {
  std::uint32_t shard = 0;
  std::string member;

  friend bool operator==(const shard_override&, const shard_override&) = default;
};

struct placed_member {
  node_identity id;
  std::uint32_t weight = 0;

  friend bool operator==(const placed_member&, const placed_member&) = default;
};

/// All that the placement of shards depends on.
struct placement_input {
  std::vector<placed_member> members; ///< sorted by name; up, with a weight above 0
  std::vector<shard_override> overrides;

  friend bool operator==(const placement_input&, const placement_input&) = default;
};

/// How long after the decision a node that was let go by it may still act: the rest of its lease.
struct lease_left {
  node_identity id;
  std::uint32_t ms = 0;

  friend bool operator==(const lease_left&, const lease_left&) = default;
};

struct view {
  std::uint64_t no = 0; ///< 0 = nothing decided yet
  std::vector<member> members;
  std::vector<node_identity> fenced;     ///< the last ended life of a name; oldest end first
  std::vector<shard_override> overrides; ///< sorted by shard, at most one each
  placement_input previous;              ///< that of view no - 1
  std::vector<lease_left> leases_left;   ///< of those let go by this view; unnamed = all of a lease

  friend bool operator==(const view&, const view&) = default;
};

/// The member of that name, or null. O(log n).
const member* find(const view& v, std::string_view name) noexcept;
/// The same, of that very incarnation.
const member* find(const view& v, const node_identity& id) noexcept;

/// True if that life is over: it or a later one of its name has ended, or a later one is a member.
bool is_fenced(const view& v, const node_identity& id) noexcept;

placement_input placement_input_of(const view& v);

/// `view 7: a up, b up, c leaving`.
std::string to_string(const view& v);

/// What is wrong with a view that came over the wire, in one sentence; nothing if it may be used.
std::optional<std::string> check(const view& v);

// -- from one view to the next -------------------------------------------------------------------

enum class refusal : std::uint8_t {
  none,
  malformed,      ///< a name, address, weight or shard out of its bounds
  name_clash,     ///< another node goes by that name
  fenced,         ///< that life of the name has ended
  already,        ///< it is so in this view
  unknown_member, ///< no such member
  wrong_state,    ///< a member, but not in a state that allows it
  full,           ///< no room for one more member
};

/// The next view, or why there is none, in one sentence for a person.
struct transition {
  std::optional<view> next;
  refusal why = refusal::none;
  std::string text;

  explicit operator bool() const noexcept { return next.has_value(); }
};

/// Takes `joiner` in as `joining`, whatever state it says. A member of the same name and address
/// but an older incarnation is fenced at once: its process is gone. At another address it is a
/// clash, because two live nodes may have been given one name.
transition admit(const view& v, const member& joiner);

/// joining -> up, for those of `ids` that are joining; refused if none is.
transition raise(const view& v, const std::vector<node_identity>& ids);

/// joining or up -> leaving.
transition retire(const view& v, const node_identity& id);

/// leaving -> gone and fenced; what was put on it by hand is free again.
transition release(const view& v, const node_identity& id);

/// any -> gone and fenced, for those of `ids` that are members; refused if none is.
transition condemn(const view& v, const std::vector<node_identity>& ids);

transition set_override(const view& v, std::uint32_t shard, std::string_view name);
transition clear_override(const view& v, std::uint32_t shard);
transition set_weight(const view& v, std::string_view name, std::uint32_t weight);

/// The one question at apply time. A proposal made from an older view is a no-op on every node
/// alike, so two leaders or a slow one never overwrite each other.
inline bool is_successor(const view& old, const view& next) noexcept {
  return next.no == old.no + 1;
}

} // namespace argosy::cluster
