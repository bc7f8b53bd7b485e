// salvage: of several copies of a room, what is known for certain, in an epoch of its own.
#include "runtime/cluster/salvage.hpp"
#include "tests/unit/cluster/room_contents.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using argosy::history;
using argosy::remembered_key;
using argosy::stream_position;
using argosy::cluster::node_identity;
using argosy::cluster::room_content;
using argosy::cluster::room_contents;
using argosy::cluster::salvage;
using argosy::testing::at;
using argosy::testing::copy_at;
using argosy::testing::offsets;
using argosy::testing::published;
using argosy::testing::room_named;
using namespace std::chrono_literals;

namespace {

using list = std::vector<std::uint64_t>;
using keys = std::vector<std::string>;

/// What the salvage of these copies of one room makes of it.
room_content salvaged(std::vector<room_content> copies) {
  salvage s;
  for (auto& copy : copies)
    s.take({std::move(copy)});
  auto rooms = std::move(s).finish([] { return "9.new"; });
  REQUIRE(rooms.size() == 1);
  return std::move(rooms[0]);
}

/// The same, whoever answers first: all orders must agree.
room_content salvaged_in_any_order(std::vector<room_content> copies) {
  std::vector<std::size_t> order(copies.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  const auto first = salvaged(copies);
  while (std::next_permutation(order.begin(), order.end())) {
    std::vector<room_content> shuffled;
    for (const auto i : order)
      shuffled.push_back(copies[i]);
    const auto other = salvaged(std::move(shuffled));
    CHECK(other.past.position == first.past.position);
    CHECK(other.past.ancestors == first.past.ancestors);
    CHECK(offsets(other.past.tail) == offsets(first.past.tail));
    CHECK(other.interest == first.interest);
  }
  return first;
}

keys names(const room_content& r) {
  keys out;
  for (const auto& k : r.keys)
    out.push_back(k.key);
  return out;
}

} // namespace

TEST_CASE("salvage: an epoch is named after its view, and what keeps it apart there") {
  CHECK(argosy::cluster::epoch_name(12, "ab") == "12.ab");
}

TEST_CASE("salvage: nothing found is nothing kept") {
  salvage s;
  s.take({});
  CHECK(std::move(s).finish([] { return "9.new"; }).empty());
}

TEST_CASE("salvage: the copy that goes furthest wins, and readers of the old epoch may read on") {
  const auto r = salvaged_in_any_order(
      {copy_at("5.e", 3, {2, 3}), copy_at("5.e", 7, {6, 7}), copy_at("5.e", 5, {})});
  CHECK(r.past.position == stream_position{"9.new", 7});
  CHECK(r.past.ancestors == std::vector<stream_position>{{"5.e", 7}});
  CHECK(offsets(r.past.tail) == list{6, 7});

  // The promise, as a subscriber meets it.
  history h{"unused", 10, 1min};
  h.adopt(r.past, at(0s));
  CHECK(offsets(h.recover({"5.e", 5}, 10, at(1s)).missed) == list{6, 7});
  CHECK(h.recover({"5.e", 7}, 10, at(1s)).recovered);
  CHECK_FALSE(h.recover({"5.e", 8}, 10, at(1s)).recovered); // a page that nobody copied
}

TEST_CASE("salvage: tails of one epoch are laid side by side, each publication once") {
  const auto r = salvaged_in_any_order(
      {copy_at("5.e", 9, {8, 9}), copy_at("5.e", 7, {4, 5, 6, 7}), copy_at("5.e", 8, {6, 7, 8})});
  CHECK(offsets(r.past.tail) == list{4, 5, 6, 7, 8, 9});
}

TEST_CASE("salvage: what lies before a hole is left behind") {
  SUBCASE("a hole in the middle") {
    const auto r = salvaged_in_any_order({copy_at("5.e", 9, {8, 9}), copy_at("5.e", 6, {4, 5, 6})});
    CHECK(offsets(r.past.tail) == list{8, 9});
  }
  SUBCASE("a hole at the end: only the number of the newest is known") {
    const auto r = salvaged_in_any_order({copy_at("5.e", 9, {}), copy_at("5.e", 8, {7, 8})});
    CHECK(r.past.tail.empty());
    CHECK(r.past.position.offset == 9);
  }
  SUBCASE("two holes, and a third copy that fills one of them") {
    const auto r = salvaged_in_any_order(
        {copy_at("5.e", 9, {5, 6, 8, 9}), copy_at("5.e", 7, {3, 7}), copy_at("5.e", 2, {1, 2})});
    CHECK(offsets(r.past.tail) == list{5, 6, 7, 8, 9});
  }
}

TEST_CASE("salvage: a room in which nothing was said has nobody to go on from it") {
  const auto r = salvaged({copy_at("5.e", 0, {})});
  CHECK(r.past.position == stream_position{"9.new", 0});
  CHECK(r.past.ancestors.empty());
}

TEST_CASE("salvage: ancestors grow by the epoch that was found, and the oldest are forgotten") {
  auto copy = copy_at("5.e", 7, {});
  for (std::uint64_t i = 1; i <= argosy::ancestors_max; ++i)
    copy.past.ancestors.push_back({"4." + std::to_string(i), i});
  const auto r = salvaged({copy});
  REQUIRE(r.past.ancestors.size() == argosy::ancestors_max);
  CHECK(r.past.ancestors.front() == stream_position{"4.2", 2});
  CHECK(r.past.ancestors.back() == stream_position{"5.e", 7});
}

TEST_CASE("salvage: of epochs that know nothing of each other, that of the later view wins") {
  SUBCASE("even if it is shorter") {
    const auto r = salvaged_in_any_order({copy_at("5.e", 70, {69, 70}), copy_at("6.f", 2, {1, 2})});
    CHECK(r.past.ancestors == std::vector<stream_position>{{"6.f", 2}});
    CHECK(offsets(r.past.tail) == list{1, 2}); // and not a page of the other
  }
  SUBCASE("by number, not by letter") {
    const auto r = salvaged_in_any_order({copy_at("10.e", 1, {}), copy_at("9.f", 2, {})});
    CHECK(r.past.ancestors == std::vector<stream_position>{{"10.e", 1}});
  }
  SUBCASE("of one view, the longer") {
    const auto r = salvaged_in_any_order({copy_at("6.e", 1, {}), copy_at("6.f", 2, {})});
    CHECK(r.past.ancestors == std::vector<stream_position>{{"6.f", 2}});
  }
  SUBCASE("one without a view in its name is the oldest") {
    const auto r = salvaged_in_any_order({copy_at("", 90, {}), copy_at("1.f", 2, {})});
    CHECK(r.past.ancestors == std::vector<stream_position>{{"1.f", 2}});
  }
}

TEST_CASE("salvage: an epoch that descends from another wins, wherever the other got to") {
  auto heir = copy_at("6.f", 12, {11, 12});
  heir.past.ancestors = {{"4.d", 3}, {"5.e", 10}};
  SUBCASE("the forefather went on alone") {
    const auto r = salvaged_in_any_order({copy_at("5.e", 15, {14, 15}), heir});
    CHECK(r.past.position.offset == 12);
    CHECK(r.past.ancestors == std::vector<stream_position>{{"4.d", 3}, {"5.e", 10}, {"6.f", 12}});
    CHECK(offsets(r.past.tail) == list{11, 12});
  }
  SUBCASE("descent counts more than the number of the view") {
    const auto r = salvaged_in_any_order({copy_at("5.e", 15, {}), copy_at("4.d", 20, {}), heir});
    CHECK(r.past.ancestors.back() == stream_position{"6.f", 12});
    auto odd = copy_at("3.x", 11, {});
    odd.past.ancestors = {{"5.e", 10}};
    const auto other = salvaged_in_any_order({copy_at("5.e", 15, {}), odd});
    CHECK(other.past.ancestors.back() == stream_position{"3.x", 11});
  }
}

TEST_CASE("salvage: keys are rebuilt from the publications and from what a window remembered") {
  auto sealed = copy_at("5.e", 3, {});
  sealed.past.tail = {published(2, "b", at(2s)), published(3, "c", at(3s))};
  sealed.keys = {{"a", 1, at(1s)}, {"b", 2, at(2s)}};
  auto ring = copy_at("5.e", 4, {});
  ring.past.tail = {published(3, "c", at(3s)), published(4, "d", at(4s))};
  for (auto copies : {std::vector{sealed, ring}, std::vector{ring, sealed}}) {
    const auto r = salvaged(std::move(copies));
    CHECK(names(r) == keys{"a", "b", "c", "d"}); // each once, oldest first
    for (std::size_t i = 0; i < r.keys.size(); ++i) {
      CHECK(r.keys[i].offset == i + 1);
      CHECK(r.keys[i].since == at(std::chrono::seconds{i + 1}));
    }
  }
}

TEST_CASE("salvage: a publication without a key leaves none") {
  CHECK(salvaged({copy_at("5.e", 2, {1, 2})}).keys.empty());
}

TEST_CASE("salvage: the key of what was never found is forgotten, so that a retry is taken") {
  auto r = copy_at("5.e", 3, {3});
  r.keys = {{"found", 3, at(1s)}, {"lost", 4, at(2s)}, {"passing", 0, at(3s)}};
  CHECK(names(salvaged({r})) == keys{"found", "passing"}); // what skips history has no offset
}

TEST_CASE("salvage: interest is added up line by line, and the newest word of each node counts") {
  const node_identity bob{"bob", 4};
  const node_identity cat{"cat", 2};
  auto a = copy_at("5.e", 1, {});
  a.interest = {{bob, 3, true}, {cat, 7, false}};
  auto b = copy_at("5.e", 2, {});
  b.interest = {{bob, 2, false}, {cat, 6, true}, {{"dan", 1}, 1, true}};
  auto c = copy_at("4.d", 9, {}); // an older epoch, but not older interest
  c.interest = {{{"cat", 3}, 1, true}};
  const auto r = salvaged_in_any_order({a, b, c});
  REQUIRE(r.interest.size() == 3);
  CHECK(r.interest[0].node == bob);
  CHECK(r.interest[0].version == 3);
  CHECK(r.interest[0].wanted);
  CHECK(r.interest[1].node == node_identity{"cat", 3});
  CHECK(r.interest[1].wanted);
  CHECK(r.interest[2].wanted);
}

TEST_CASE("salvage: a copy that comes in boxes counts as one, whoever else answers between them") {
  auto heavy = copy_at("6.f", 20, {16, 17, 18, 19, 20});
  heavy.past.ancestors = {{"5.e", 10}};
  heavy.keys = {{"a", 15, at(1s)}, {"b", 16, at(2s)}};
  heavy.interest = {{{"bob", 4}, 3, true}};
  const auto boxes = argosy::cluster::pack({heavy}, 1);
  REQUIRE(boxes.size() > 4);
  const std::vector<room_content> others{copy_at("5.e", 30, {29, 30}), copy_at("6.f", 18, {14, 15}),
                                         copy_at("6.f", 15, {15})};
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    salvage s;
    std::size_t box = 0;
    std::size_t other = 0;
    while (box < boxes.size() || other < others.size())
      if (other == others.size() || (box < boxes.size() && random() % 2 == 0))
        s.take(boxes[box++]);
      else
        s.take({others[other++]});
    const auto rooms = std::move(s).finish([] { return "9.new"; });
    REQUIRE(rooms.size() == 1);
    const auto& r = rooms[0];
    CHECK(r.past.ancestors == std::vector<stream_position>{{"5.e", 10}, {"6.f", 20}});
    CHECK(offsets(r.past.tail) == list{14, 15, 16, 17, 18, 19, 20});
    CHECK(names(r) == keys{"a", "b"});
    CHECK(r.interest == heavy.interest);
  }
}

TEST_CASE("salvage: rooms come in order of their names, each in an epoch of its own") {
  salvage s;
  room_contents found;
  for (const auto* name : {"b", "c", "a"}) {
    found.push_back(copy_at("5.e", 1, {1}));
    found.back().room = room_named(name);
  }
  s.take(found);
  s.take({found[1]});
  int epochs = 0;
  const auto rooms =
      std::move(s).finish([&] { return argosy::cluster::epoch_name(9, std::to_string(++epochs)); });
  REQUIRE(rooms.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(rooms[i].room == room_named(std::string(1, static_cast<char>('a' + i))));
    CHECK(rooms[i].past.position.epoch == "9." + std::to_string(i + 1));
  }
}

TEST_CASE("salvage: copies with any gaps give the furthest position and a contiguous end") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const std::uint64_t last = 1 + random() % 20;
    std::vector<room_content> copies;
    std::set<std::uint64_t> somewhere;
    std::uint64_t furthest = 0;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      const std::uint64_t end = random() % (last + 1);
      furthest = std::max(furthest, end);
      auto copy = copy_at("5.e", end, {});
      for (auto o = end - std::min<std::uint64_t>(end, random() % 8); o < end; ++o) {
        copy.past.tail.push_back(published(o + 1, "k" + std::to_string(o + 1)));
        somewhere.insert(o + 1);
      }
      copies.push_back(std::move(copy));
    }
    const auto r = salvaged(std::move(copies));
    REQUIRE(r.past.position == stream_position{"9.new", furthest});
    auto expected = furthest;
    for (auto p = r.past.tail.rbegin(); p != r.past.tail.rend(); ++p)
      REQUIRE((*p)->offset == expected--);
    // As long as can be: the one before was nowhere.
    REQUIRE(somewhere.count(expected) == 0);
    for (const auto& k : r.keys)
      REQUIRE(k.key == "k" + std::to_string(k.offset));
    REQUIRE(r.keys.size() >= r.past.tail.size());
  }
}

TEST_CASE("salvage: of a key that came again after its window, the newest counts") {
  // The window is a minute, history is longer: the ring has both.
  auto ring = copy_at("5.e", 9, {});
  ring.past.tail = {published(8, "k", at(0s)), published(9, "k", at(61s))};
  const auto r = salvaged({ring});
  REQUIRE(r.keys.size() == 1);
  CHECK(r.keys[0].offset == 9);
  argosy::dedupe_window window{10, 1min};
  window.adopt(r.keys, at(62s));
  CHECK(window.find("k", at(62s)) == 9); // a retry of the second
}

TEST_CASE("salvage: keys of a branch that was lost are none of the heir's") {
  auto sealed = copy_at("5.e", 15, {14, 15}); // not reached by the salvage that began 6.f at 10
  sealed.keys = {{"kept", 9, at(1s)}, {"lost", 12, at(2s)}};
  auto heir = copy_at("6.f", 20, {19, 20});
  heir.past.ancestors = {{"5.e", 10}};
  const auto r = salvaged({sealed, heir});
  CHECK(names(r) == keys{"kept"}); // 12 of 6.f is something else
}

TEST_CASE("salvage: keys of an epoch that knows nothing of the winner are none of its own") {
  auto old = copy_at("5.e", 3, {});
  old.keys = {{"k", 2, at(1s)}};
  const auto r = salvaged({old, copy_at("6.f", 5, {})});
  CHECK(names(r).empty());
}

TEST_CASE("salvage: a publication before a hole was found: a retry of it is known") {
  auto a = copy_at("5.e", 9, {8, 9});
  auto b = copy_at("5.e", 6, {});
  b.past.tail = {published(6, "k", at(1s))};
  CHECK(names(salvaged({a, b})) == keys{"k"});
}
