#include "runtime/cluster/placement.hpp"

#include "runtime/cluster/stable_hash.hpp"
#include "runtime/core/address.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace argosy::cluster {

namespace {

__extension__ using wide = unsigned __int128;

constexpr int fraction_bits = 40;
constexpr int table_bits = 10;

/// log2 of a mantissa in [1, 2) with 63 bits after the point, bit by bit: squaring doubles the
/// logarithm, and a square of 2 or more says that its next bit is 1.
constexpr std::uint64_t exact_log2(std::uint64_t mantissa) noexcept {
  std::uint64_t log = 0;
  for (int bit = 0; bit < fraction_bits; ++bit) {
    const wide square = wide{mantissa} * mantissa;
    const bool over = (square >> 127) != 0;
    log = log << 1 | (over ? 1U : 0U);
    mantissa = static_cast<std::uint64_t>(square >> (over ? 64 : 63));
  }
  return log;
}

constexpr auto make_table() {
  std::array<std::uint64_t, (1U << table_bits) + 1> table{};
  for (std::uint64_t i = 0; i < table.size() - 1; ++i)
    table[i] = exact_log2(1ULL << 63 | i << (63 - table_bits));
  table.back() = 1ULL << fraction_bits;
  return table;
}
constexpr auto logs = make_table();

/// log2(x), x > 0: exact at the table's points and straight between them, which is off by at most
/// 2e-7: far less than the chance in the draw itself.
constexpr std::uint64_t log2_of(std::uint64_t x) noexcept {
  const int whole = 63 - std::countl_zero(x);
  const std::uint64_t rest = x << (63 - whole) & ~(1ULL << 63);
  const std::uint64_t point = rest >> (63 - table_bits);
  const std::uint64_t between = rest << (table_bits + 1) >> 32; // 32 bits of the way to the next
  const std::uint64_t step = logs[point + 1] - logs[point];     // below 2^31
  return (static_cast<std::uint64_t>(whole) << fraction_bits) + logs[point]
         + (step * between >> 32);
}
static_assert(log2_of(1) == 0);
static_assert(log2_of(1ULL << 63) == 63ULL << fraction_bits);

std::vector<std::uint64_t> seeds_of(const std::vector<placed_member>& members) {
  std::vector<std::uint64_t> seeds;
  for (const auto& m : members)
    seeds.push_back(stable_hash(m.id.name));
  return seeds;
}

/// The winner of a shard as an index into `members`, or `nobody`. Draws are compared as a/v < b/w
/// <=> a*w < b*v: 46 bits times 16 bits never overflow.
placement::index winner(const std::vector<placed_member>& members,
                        const std::vector<std::uint64_t>& seeds, std::uint32_t shard) noexcept {
  placement::index best = placement::nobody;
  std::uint64_t best_draw = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto draw = rendezvous_draw(seeds[i], shard);
    if (best == placement::nobody || draw * members[best].weight < best_draw * members[i].weight) {
      best = static_cast<placement::index>(i);
      best_draw = draw;
    }
  }
  return best;
}

/// The member that an override names, if it may own anything.
placement::index placed_by_hand(const placement_input& input, const shard_override& o) noexcept {
  const auto found = std::lower_bound(
      input.members.begin(), input.members.end(), o.member,
      [](const placed_member& m, const std::string& name) { return m.id.name < name; });
  return found != input.members.end() && found->id.name == o.member
             ? static_cast<placement::index>(found - input.members.begin())
             : placement::nobody;
}

} // namespace

std::uint64_t rendezvous_draw(std::uint64_t name_hash, std::uint32_t shard) noexcept {
  const std::uint64_t u = stable_hash(name_hash, shard) | 1; // never 0
  return (64ULL << fraction_bits) - log2_of(u);
}

placement::placement(const view& v)
    : view_no_(v.no), owners_(shard_count, nobody), previous_(v.previous),
      previous_seeds_(seeds_of(v.previous.members)) {
  const auto input = placement_input_of(v);
  std::vector<index> place; // of an entry of `input` in the view
  for (std::size_t i = 0; i < v.members.size(); ++i) {
    members_.push_back(v.members[i].id);
    if (place.size() < input.members.size() && input.members[place.size()].id == v.members[i].id)
      place.push_back(static_cast<index>(i));
  }
  const auto seeds = seeds_of(input.members);
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    if (const auto won = winner(input.members, seeds, shard); won != nobody)
      owners_[shard] = place[won];
  for (const auto& o : input.overrides)
    if (const auto by_hand = placed_by_hand(input, o); by_hand != nobody)
      owners_[o.shard] = place[by_hand];
}

std::vector<std::uint32_t> placement::shards_of(std::string_view name) const {
  std::vector<std::uint32_t> shards;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    if (owners_[shard] != nobody && members_[owners_[shard]].name == name)
      shards.push_back(shard);
  return shards;
}

const node_identity* placement::previous_owner_of(std::uint32_t shard) const {
  const auto found =
      std::lower_bound(previous_.overrides.begin(), previous_.overrides.end(), shard,
                       [](const shard_override& o, std::uint32_t s) { return o.shard < s; });
  auto owner = nobody;
  if (found != previous_.overrides.end() && found->shard == shard)
    owner = placed_by_hand(previous_, *found);
  if (owner == nobody)
    owner = winner(previous_.members, previous_seeds_, shard);
  return owner == nobody ? nullptr : &previous_.members[owner].id;
}

} // namespace argosy::cluster
