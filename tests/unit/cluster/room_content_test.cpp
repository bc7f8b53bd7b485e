// room_content: what goes into the boxes comes out of them, whatever their size.
#include "runtime/cluster/room_content.hpp"
#include "tests/unit/cluster/room_contents.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using argosy::remembered_key;
using argosy::cluster::room_content;
using argosy::cluster::room_contents;
using argosy::testing::at;
using argosy::testing::copy_at;
using argosy::testing::published;
using argosy::testing::room_named;
using namespace std::chrono_literals;

namespace {

bool same(const std::vector<remembered_key>& a, const std::vector<remembered_key>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.key == y.key && x.offset == y.offset && x.since == y.since;
  });
}

/// The very same publications, not copies.
bool same(const room_content& a, const room_content& b) {
  return a.room == b.room && a.past.position == b.past.position
         && a.past.ancestors == b.past.ancestors && a.past.tail == b.past.tail
         && same(a.keys, b.keys) && a.interest == b.interest;
}

bool same(const room_contents& a, const room_contents& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

room_contents unpacked(std::vector<room_contents> boxes) {
  room_contents out;
  for (auto& box : boxes)
    unpack(out, std::move(box));
  return out;
}

class any_rooms {
public:
  explicit any_rooms(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  room_contents make() {
    room_contents rooms;
    for (auto n = below(8); n > 0; --n)
      rooms.push_back(room("room" + std::to_string(n)));
    return rooms;
  }

private:
  room_content room(const std::string& name) {
    room_content r;
    r.room = room_named(name);
    r.past.position = {"5.e", below(100)};
    for (auto n = below(argosy::ancestors_max + 1); n > 0; --n)
      r.past.ancestors.push_back({std::to_string(n) + ".old", below(100)});
    for (auto n = below(12); n > 0; --n)
      r.past.tail.push_back(any_publication());
    for (auto n = below(12); n > 0; --n)
      r.keys.push_back({text(40), below(100), at(std::chrono::seconds{below(100)})});
    for (auto n = below(4); n > 0; --n)
      r.interest.push_back({{"node" + std::to_string(n), below(9)}, below(9), below(2) == 0});
    return r;
  }

  argosy::publication_ptr any_publication() {
    auto p = std::make_shared<argosy::publication>();
    p->offset = below(100);
    p->data = text(below(10) == 0 ? 3'000 : 100);
    p->idempotency_key = text(20);
    if (below(2) == 0)
      p->tags["name"] = text(50);
    if (below(2) == 0)
      p->info = std::make_shared<const argosy::client_info>(
          argosy::client_info{{1, 2}, text(20), text(60), text(60)});
    return p;
  }

  std::string text(std::size_t bound) { return std::string(below(bound), 'x'); }

  std::mt19937 random_;
};

} // namespace

TEST_CASE("room_content: blank is what nobody could miss") {
  auto r = copy_at("5.e", 0, {});
  CHECK(r.blank());
  SUBCASE("a position is missed") {
    r.past.position.offset = 1;
  }
  SUBCASE("so is a key") {
    r.keys.push_back({"k", 0, at(0s)});
  }
  SUBCASE("and a line of interest, cancelled or not") {
    r.interest.push_back({{"bob", 1}, 3, false});
  }
  CHECK_FALSE(r.blank());
}

TEST_CASE("room_content: nothing is packed into one box, so that there is an answer") {
  const auto boxes = argosy::cluster::pack({}, 1'000);
  REQUIRE(boxes.size() == 1);
  CHECK(boxes[0].empty());
}

TEST_CASE("room_content: what is too heavy for one box goes on in the next, under its name") {
  auto r = copy_at("5.e", 3, {1, 2, 3});
  r.past.ancestors = {{"4.d", 1}};
  r.keys.push_back({"k", 3, at(0s)});
  r.interest.push_back({{"bob", 1}, 3, true});
  const auto boxes = argosy::cluster::pack({r}, 1);
  REQUIRE(boxes.size() == 5); // what the room is, three publications, and a key
  for (const auto& box : boxes) {
    REQUIRE(box.size() == 1);
    CHECK(box[0].room == r.room);
    CHECK(box[0].past.position == r.past.position);
    CHECK(box[0].past.tail.size() + box[0].keys.size() <= 1);
  }
  // Said once, in the first.
  CHECK(boxes[0][0].past.ancestors == r.past.ancestors);
  CHECK(boxes[0][0].interest == r.interest);
  CHECK(boxes[1][0].past.ancestors.empty());
  CHECK(boxes[1][0].interest.empty());
}

TEST_CASE("room_content: a single publication is never cut, however heavy") {
  auto r = copy_at("5.e", 2, {});
  auto heavy = std::make_shared<argosy::publication>(*published(1));
  heavy->data.assign(100'000, 'x');
  r.past.tail = {heavy, published(2)};
  const auto boxes = argosy::cluster::pack({r}, 1'000);
  REQUIRE(boxes.size() == 3);
  CHECK(boxes[1][0].past.tail == argosy::publications{heavy});
}

TEST_CASE("room_content: light rooms share a box, and the weight of a box is bounded") {
  any_rooms any{1};
  room_contents rooms;
  for (int i = 0; i < 100; ++i)
    rooms.push_back(copy_at("5.e", 1, {1}));
  for (std::size_t i = 0; i < rooms.size(); ++i)
    rooms[i].room = room_named(std::to_string(i));
  const auto one = weight(rooms.back());
  const auto boxes = argosy::cluster::pack(rooms, 10 * one);
  CHECK(boxes.size() >= 10);
  CHECK(boxes.size() <= 12);
  for (const auto& box : boxes) {
    std::size_t bytes = 0;
    for (const auto& r : box)
      bytes += weight(r);
    CHECK(bytes <= 11 * one); // the head of a room that goes on in it is not counted
  }
}

TEST_CASE("room_content: any rooms packed in boxes of any size are the same unpacked") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    any_rooms any{seed};
    const auto rooms = any.make();
    const auto bytes_max = 1 + any.below(any.below(2) == 0 ? 600 : 10'000);
    auto boxes = argosy::cluster::pack(rooms, bytes_max);
    REQUIRE_FALSE(boxes.empty());
    // Every box but the only one has something in it: parts are not sent for nothing.
    for (const auto& box : boxes)
      REQUIRE((boxes.size() == 1 || !box.empty()));
    REQUIRE(same(unpacked(std::move(boxes)), rooms));
  }
}
