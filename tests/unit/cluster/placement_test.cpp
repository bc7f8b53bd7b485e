// placement: who owns which shard, the same for everybody and moved as little as can be.
#include "runtime/cluster/placement.hpp"
#include "runtime/cluster/stable_hash.hpp"
#include "runtime/core/address.hpp"
#include "tests/unit/cluster/views.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace argosy::cluster;
using argosy::shard_count;
using argosy::testing::member_of;
using argosy::testing::view_of;
using argosy::testing::view_of_size;

namespace {

std::string owner_name(const placement& p, std::uint32_t shard) {
  const auto* owner = p.owner(shard);
  return owner == nullptr ? "" : owner->name;
}

std::string previous_name(const placement& p, std::uint32_t shard) {
  const auto* owner = p.previous_owner_of(shard);
  return owner == nullptr ? "" : owner->name;
}

/// How far a share of the shards may be from what is due: five standard deviations of the raffle.
double tolerance(double share) {
  return 5 * std::sqrt(shard_count * share * (1 - share));
}

} // namespace

TEST_CASE("placement: the draw is -log2 of a uniform number") {
  // a mean of 1/ln 2 and the quarters where an exponential distribution has them
  double sum = 0;
  int below_1 = 0;
  int below_2 = 0;
  constexpr int draws = 100'000;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const auto draw = static_cast<double>(rendezvous_draw(stable_hash("a"), i)) / std::pow(2, 40);
    const auto u = static_cast<double>(stable_hash(stable_hash("a"), i) | 1) / std::pow(2, 64);
    REQUIRE(std::abs(draw + std::log2(u)) < 3e-7);
    sum += draw;
    below_1 += draw < 1 ? 1 : 0;
    below_2 += draw < 2 ? 1 : 0;
  }
  CHECK(std::abs(sum / draws - 1 / std::log(2)) < 0.02);
  CHECK(std::abs(below_1 - 0.5 * draws) < 1000);
  CHECK(std::abs(below_2 - 0.75 * draws) < 1000);
}

TEST_CASE("placement: the owners of some shards are these, on every build") {
  const placement p{view_of({member_of("alpha"), member_of("beta"), member_of("gamma", 1, 50),
                             member_of("delta", 9, 200), member_of("epsilon")})};
  const std::map<std::uint32_t, std::string> golden{
      {0, "delta"},    {1, "alpha"},    {2, "gamma"},    {3, "beta"},       {42, "delta"},
      {1000, "delta"}, {2047, "delta"}, {2048, "alpha"}, {4094, "epsilon"}, {4095, "alpha"}};
  for (const auto& expected : golden) {
    CAPTURE(expected.first);
    CHECK(owner_name(p, expected.first) == expected.second);
  }
  std::uint64_t all = 0;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    all = stable_hash(all, p.owner_of(shard));
  CHECK(all == 0x7334999D6396409FU);
}

TEST_CASE("placement: every shard has an owner, and each member its share of them") {
  for (const int nodes : {1, 2, 3, 5, 10, 20, 50}) {
    CAPTURE(nodes);
    const auto v = view_of_size(nodes);
    const placement p{v};
    std::size_t sum = 0;
    for (const auto& m : v.members) {
      const auto shards = p.shards_of(m.id.name);
      sum += shards.size();
      CHECK(std::abs(static_cast<double>(shards.size()) - double{shard_count} / nodes)
            <= tolerance(1.0 / nodes));
    }
    CHECK(sum == shard_count);
  }
}

TEST_CASE("placement: the shares follow the weights") {
  for (const int nodes : {3, 7, 20, 50}) {
    CAPTURE(nodes);
    auto v = view_of_size(nodes);
    double total = 0;
    for (std::size_t i = 0; i < v.members.size(); ++i) {
      v.members[i].weight = static_cast<std::uint32_t>(50 + 50 * (i % 4)); // 50 to 200
      total += v.members[i].weight;
    }
    const placement p{v};
    for (const auto& m : v.members) {
      const auto share = m.weight / total;
      CHECK(std::abs(static_cast<double>(p.shards_of(m.id.name).size()) - shard_count * share)
            <= tolerance(share));
    }
  }
}

TEST_CASE("placement: a join moves shards to the joiner only, about one in N") {
  for (int nodes = 3; nodes <= 30; nodes += 3) {
    CAPTURE(nodes);
    const placement before{view_of_size(nodes - 1)};
    const auto v = view_of_size(nodes);
    const placement after{v};
    int moved = 0;
    for (std::uint32_t shard = 0; shard < shard_count; ++shard)
      if (owner_name(before, shard) != owner_name(after, shard)) {
        ++moved;
        REQUIRE(owner_name(after, shard) == v.members.back().id.name);
      }
    CHECK(std::abs(moved - double{shard_count} / nodes) <= tolerance(1.0 / nodes));
  }
}

TEST_CASE("placement: a leave and a death move the shards of that member only") {
  const auto v = view_of_size(9);
  const placement before{v};
  const auto gone = v.members[4].id;
  for (const auto& next : {*retire(v, gone).next, *condemn(v, {gone}).next}) {
    const placement after{next};
    for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
      if (owner_name(before, shard) != gone.name)
        REQUIRE(owner_name(after, shard) == owner_name(before, shard));
      else
        REQUIRE(owner_name(after, shard) != gone.name);
      REQUIRE(*after.previous_owner_of(shard) == *before.owner(shard));
    }
  }
}

TEST_CASE("placement: a greater weight only takes, a smaller one only gives") {
  const auto v = view_of_size(6);
  const placement before{v};
  for (const std::uint32_t weight : {0U, 1U, 60U, 140U, 65'535U}) {
    CAPTURE(weight);
    const placement after{*set_weight(v, "n03", weight).next};
    for (std::uint32_t shard = 0; shard < shard_count; ++shard)
      if (owner_name(before, shard) != owner_name(after, shard))
        REQUIRE((weight > 100 ? owner_name(after, shard) : owner_name(before, shard)) == "n03");
    if (weight == 0)
      CHECK(after.shards_of("n03").empty());
  }
}

TEST_CASE("placement: only names and weights matter, not places in the list nor incarnations") {
  const placement all{view_of({"a", "b", "c", "d"})};
  auto v = view_of({member_of("b", 7), member_of("d", 3), member_of("a", 5), member_of("c", 8),
                    member_of("0"), member_of("bb")});
  v.members[0].state = member_state::joining;
  v.members[3].state = member_state::leaving;
  const placement same{v};
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    REQUIRE(owner_name(all, shard) == owner_name(same, shard));
    REQUIRE(v.members[same.owner_of(shard)].id == *same.owner(shard));
  }
}

TEST_CASE("placement: an override goes first while its member is up") {
  auto v = view_of({"a", "b", "c"});
  const placement plain{v};
  std::uint32_t shard = 0;
  while (owner_name(plain, shard) == "b")
    ++shard;
  v = *set_override(v, shard, "b").next;
  CHECK(owner_name(placement{v}, shard) == "b");
  CHECK(previous_name(placement{v}, shard) == owner_name(plain, shard));
  v = *retire(v, {"b", 1}).next;
  CHECK(owner_name(placement{v}, shard) == owner_name(plain, shard));
  CHECK(previous_name(placement{v}, shard) == "b");
}

TEST_CASE("placement: where nobody is up nobody owns, and before the first view nobody did") {
  view v;
  for (const auto& each : {v, *admit(v, member_of("a")).next}) {
    const placement p{each};
    for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
      REQUIRE(p.owner_of(shard) == placement::nobody);
      REQUIRE(p.owner(shard) == nullptr);
      REQUIRE(p.previous_owner_of(shard) == nullptr);
    }
  }
}

TEST_CASE("placement: the previous owner is an earlier life when a node came back") {
  const auto v = view_of({"a", "b"});
  const auto reborn = *admit(v, member_of("a", 2)).next;
  const placement p{reborn};
  for (const auto shard : placement{v}.shards_of("a")) {
    REQUIRE(owner_name(p, shard) == "b");
    REQUIRE(*p.previous_owner_of(shard) == node_identity{"a", 1});
  }
  const placement back{*raise(reborn, {{"a", 2}}).next};
  for (const auto shard : placement{v}.shards_of("a")) {
    REQUIRE(*back.owner(shard) == node_identity{"a", 2});
    REQUIRE(*back.previous_owner_of(shard) == node_identity{"b", 1});
  }
}
