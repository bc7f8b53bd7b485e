// history: the belt and its two bounds, the rule of recovery, and pages.
#include "runtime/core/history.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

using argosy::ancestors_max;
using argosy::history;
using argosy::history_content;
using argosy::publication;
using argosy::publication_ptr;
using argosy::publications;
using argosy::stream_position;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

publication_ptr numbered(std::uint64_t offset, history::time_point accepted = {}) {
  auto p = std::make_shared<publication>();
  p->offset = offset;
  p->accepted_at = accepted;
  return p;
}

/// Publications `first` to `last`, all put on the belt at the start of time.
history filled(std::uint64_t last, std::size_t size_max = 10) {
  history h{"e", size_max, 1min};
  for (std::uint64_t n = 1; n <= last; ++n)
    h.append(numbered(n), at(0s));
  return h;
}

std::vector<std::uint64_t> offsets(const publications& list) {
  std::vector<std::uint64_t> out;
  for (const auto& p : list)
    out.push_back(p->offset);
  return out;
}

/// All that is on the belt.
std::vector<std::uint64_t> held(history& h, history::time_point now) {
  return offsets(h.content(now).tail);
}

using list = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("history: the oldest falls off when the belt is full") {
  auto h = filled(5, 3);
  CHECK(h.position() == stream_position{"e", 5});
  CHECK(h.size(at(0s)) == 3);
  CHECK(held(h, at(0s)) == list{3, 4, 5});
}

TEST_CASE("history: each falls off at its age, and the position stays") {
  history h{"e", 10, 1min};
  CHECK(h.expires() == history::time_point::min());
  h.append(numbered(1), at(0s));
  h.append(numbered(2), at(30s));
  CHECK(h.expires() == at(90s));
  CHECK(h.size(at(59'999ms)) == 2);
  CHECK(held(h, at(60s)) == list{2});
  CHECK(h.size(at(90s)) == 0);
  CHECK(h.position() == stream_position{"e", 2});
}

TEST_CASE("history: without size or ttl nothing is kept but the position") {
  for (auto h : {history{"e", 0, 1min}, history{"e", 10, 0ms}}) {
    CHECK_FALSE(h.keeps());
    h.append(numbered(1), at(0s));
    CHECK(h.size(at(0s)) == 0);
    CHECK(h.position() == stream_position{"e", 1});
  }
}

TEST_CASE("history: a gap empties the belt, for what is before it can no longer be vouched for") {
  auto h = filled(3);
  h.append(numbered(5), at(1s));
  CHECK(held(h, at(1s)) == list{5});
  CHECK(h.position() == stream_position{"e", 5});
  CHECK_FALSE(h.recover({"e", 3}, 10, at(1s)).recovered);
  CHECK(h.recover({"e", 4}, 10, at(1s)).recovered);
}

TEST_CASE("history: the rule of recovery, all or nothing") {
  struct row {
    std::string what;
    stream_position since;
    std::size_t limit;
    bool recovered;
    list missed;
  };
  const std::vector<row> table{
      {"nothing missed", {"e", 8}, 10, true, {}},
      {"one missed", {"e", 7}, 10, true, {8}},
      {"all that is held", {"e", 3}, 10, true, {4, 5, 6, 7, 8}},
      {"one more than is held", {"e", 2}, 10, false, {}},
      {"before the first", {"e", 0}, 10, false, {}},
      {"ahead of the room", {"e", 9}, 10, false, {}},
      {"ahead of the room, no limit", {"e", 9}, SIZE_MAX, false, {}},
      {"another epoch", {"x", 8}, 10, false, {}},
      {"another epoch, something missed", {"x", 7}, 10, false, {}},
      {"no epoch given", {"", 6}, 10, true, {7, 8}},
      {"no epoch given, nothing missed", {"", 8}, 10, true, {}},
      {"the epoch of an SDK that has never seen the room", {"_", 0}, 10, false, {}},
      {"just within the limit", {"e", 5}, 3, true, {6, 7, 8}},
      {"over the limit", {"e", 4}, 3, false, {}},
      {"nothing missed, no limit needed", {"e", 8}, 0, true, {}},
  };
  auto h = filled(8, 5); // holds 4 to 8
  for (const auto& r : table) {
    CAPTURE(r.what);
    const auto got = h.recover(r.since, r.limit, at(1s));
    CHECK(got.recovered == r.recovered);
    CHECK(offsets(got.missed) == r.missed);
  }
}

TEST_CASE("history: an empty belt recovers those who stand at its position, and nobody else") {
  auto h = filled(3);
  SUBCASE("by age") {
    REQUIRE(h.size(at(1min)) == 0);
  }
  SUBCASE("by order") {
    h.clear();
  }
  CHECK(h.recover({"e", 3}, 10, at(1min)).recovered);
  CHECK_FALSE(h.recover({"e", 2}, 10, at(1min)).recovered);
  CHECK_FALSE(h.recover({"e", 4}, 10, at(1min)).recovered);
}

TEST_CASE(
    "history: in a fresh room the first epoch recovers from nought, the SDK's word does not") {
  history h{"e", 10, 1min};
  CHECK(h.recover({"e", 0}, 10, at(0s)).recovered);
  CHECK(h.recover({"", 0}, 10, at(0s)).recovered);
  CHECK_FALSE(h.recover({"_", 0}, 10, at(0s)).recovered);
}

TEST_CASE("history: recovery does not hand out what has aged") {
  history h{"e", 10, 1min};
  h.append(numbered(1), at(0s));
  h.append(numbered(2), at(30s));
  CHECK(offsets(h.recover({"e", 0}, 10, at(59s)).missed) == list{1, 2});
  CHECK_FALSE(h.recover({"e", 0}, 10, at(60s)).recovered);
  CHECK(offsets(h.recover({"e", 1}, 10, at(60s)).missed) == list{2});
}

TEST_CASE("history: pages forwards and backwards") {
  auto h = filled(8, 5);
  const stream_position five{"e", 5};
  const stream_position past{"e", 99};
  const auto page = [&](const stream_position* since, std::size_t limit, bool reverse) {
    return offsets(h.page(since, limit, reverse, at(1s)));
  };
  CHECK(page(nullptr, 3, false) == list{4, 5, 6});
  CHECK(page(nullptr, 99, false) == list{4, 5, 6, 7, 8});
  CHECK(page(nullptr, 3, true) == list{8, 7, 6});
  CHECK(page(&five, 2, false) == list{6, 7});
  CHECK(page(&five, 2, true) == list{4});
  CHECK(page(&past, 5, false).empty());
  CHECK(page(&past, 2, true) == list{8, 7});
  CHECK(page(nullptr, 0, false).empty());
}

TEST_CASE("history: a replica adopts the owner's position and as much of the tail as it keeps") {
  history h{"old", 3, 1min};
  h.append(numbered(1), at(0s));
  h.adopt({{"new", 9}, {}, {numbered(6), numbered(7), numbered(8), numbered(9)}}, at(10s));
  CHECK(h.position() == stream_position{"new", 9});
  CHECK(held(h, at(10s)) == list{7, 8, 9});
  h.append(numbered(10), at(10s));
  CHECK(offsets(h.recover({"new", 8}, 10, at(10s)).missed) == list{9, 10});
  CHECK_FALSE(h.recover({"old", 9}, 10, at(10s)).recovered);
}

TEST_CASE("history: what is adopted ages from its birth, not from the move") {
  history h{"e", 10, 1min};
  h.adopt({{"e", 2}, {}, {numbered(1, at(0s)), numbered(2, at(50s))}}, at(55s));
  CHECK(held(h, at(59s)) == list{1, 2});
  CHECK(held(h, at(60s)) == list{2});
}

TEST_CASE("history: a replica that keeps nothing adopts the position only") {
  history h{"old", 0, 0ms};
  h.adopt({{"new", 9}, {}, {numbered(9)}}, at(0s));
  CHECK(h.position() == stream_position{"new", 9});
  CHECK(h.size(at(0s)) == 0);
}

TEST_CASE("history: descends from an epoch with its last offset, and counts on from there") {
  history_content past{{"5.e", 7}, {{"4.d", 3}}, {numbered(7)}};
  descend(past, "6.f");
  CHECK(past.position == stream_position{"6.f", 7});
  CHECK(past.ancestors == std::vector<stream_position>{{"4.d", 3}, {"5.e", 7}});
  CHECK(offsets(past.tail) == list{7});
}

TEST_CASE("history: an epoch in which nothing was said is nobody's ancestor") {
  history_content past{{"5.e", 0}, {}, {}};
  descend(past, "6.f");
  CHECK(past.position == stream_position{"6.f", 0});
  CHECK(past.ancestors.empty());
}

TEST_CASE("history: so many ancestors are remembered, the newest") {
  history_content past{{"0", 1}, {}, {}};
  for (std::size_t no = 1; no <= ancestors_max + 3; ++no) {
    descend(past, std::to_string(no));
    CHECK(past.ancestors.size() == std::min(no, ancestors_max));
  }
  CHECK(past.ancestors.front().epoch == "3");
  CHECK(past.ancestors.back().epoch == std::to_string(ancestors_max + 2));
}

TEST_CASE("history: goes on from its own epoch, and from its ancestors up to their last offset") {
  history h{"unused", 10, 1min};
  h.adopt({{"6.f", 9}, {{"4.d", 3}, {"5.e", 7}}, {numbered(8), numbered(9)}}, at(0s));
  CHECK(h.goes_on_from({"", 99}));
  CHECK(h.goes_on_from({"6.f", 9}));
  CHECK(h.goes_on_from({"6.f", 99})); // whether there is such a place is not asked here
  CHECK(h.goes_on_from({"5.e", 7}));
  CHECK(h.goes_on_from({"5.e", 0}));
  CHECK_FALSE(h.goes_on_from({"5.e", 8}));
  CHECK(h.goes_on_from({"4.d", 3}));
  CHECK_FALSE(h.goes_on_from({"4.d", 4}));
  CHECK_FALSE(h.goes_on_from({"unused", 0}));
  CHECK_FALSE(h.goes_on_from({"7.g", 1}));
}

TEST_CASE("history: recovery reaches over epochs, as far as each of them was found") {
  history h{"unused", 10, 1min};
  h.adopt({{"6.f", 7}, {{"4.d", 5}, {"5.e", 7}}, {numbered(5), numbered(6), numbered(7)}}, at(0s));
  h.append(numbered(8), at(0s));
  struct row {
    std::string what;
    stream_position since;
    bool recovered;
    list missed;
  };
  const std::vector<row> table{
      {"at the last of the old epoch", {"5.e", 7}, true, {8}},
      {"before it", {"5.e", 5}, true, {6, 7, 8}},
      {"all that is held", {"5.e", 4}, true, {5, 6, 7, 8}},
      {"before what is held", {"5.e", 3}, false, {}},
      {"behind it: on a page that nobody found", {"5.e", 8}, false, {}},
      {"at the last of the epoch before", {"4.d", 5}, true, {6, 7, 8}},
      {"behind that", {"4.d", 6}, false, {}},
      {"in the new epoch", {"6.f", 7}, true, {8}},
      {"before it began: a number is a number", {"6.f", 6}, true, {7, 8}},
      {"at the end of the new epoch", {"6.f", 8}, true, {}},
      {"in an epoch that is none of them", {"5.x", 7}, false, {}},
  };
  for (const auto& r : table) {
    CAPTURE(r.what);
    const auto got = h.recover(r.since, 10, at(1s));
    CHECK(got.recovered == r.recovered);
    CHECK(offsets(got.missed) == r.missed);
  }
  CHECK_FALSE(h.recover({"5.e", 5}, 2, at(1s)).recovered); // the limit holds there, too
}

TEST_CASE("history: its content is all of it, and makes another one that stands where it stood") {
  history h{"unused", 10, 1min};
  h.adopt({{"6.f", 7}, {{"5.e", 7}}, {numbered(6, at(0s)), numbered(7, at(30s))}}, at(40s));
  h.append(numbered(8, at(50s)), at(50s));
  history heir{"other", 10, 1min};
  heir.append(numbered(1), at(0s));
  heir.adopt(h.content(at(55s)), at(55s));
  CHECK(heir.position() == stream_position{"6.f", 8});
  CHECK(heir.goes_on_from({"5.e", 7}));
  CHECK(held(heir, at(55s)) == list{6, 7, 8});
  CHECK(held(heir, at(60s)) == list{7, 8}); // ages as if it had not moved
  CHECK(held(heir, at(90s)) == list{8});
  CHECK(offsets(h.content(at(60s)).tail) == list{7, 8}); // what has aged does not travel
}

TEST_CASE("history: of its content, whoever has a part gets the rest, if the belt has it all") {
  struct row {
    std::string what;
    stream_position since;
    list tail;
  };
  const list all{4, 5, 6, 7, 8};
  const std::vector<row> table{
      {"nothing known", {}, all},
      {"a part", {"e", 6}, {7, 8}},
      {"all", {"e", 8}, {}},
      {"up to what is held", {"e", 3}, all},
      {"less than that", {"e", 2}, all},
      {"more than there is", {"e", 9}, all},
      {"of another epoch", {"x", 6}, all},
      {"a number without an epoch", {"", 6}, all},
  };
  auto h = filled(8, 5); // holds 4 to 8
  for (const auto& r : table) {
    CAPTURE(r.what);
    const auto got = h.content(r.since, at(1s));
    CHECK(got.position == stream_position{"e", 8});
    CHECK(offsets(got.tail) == r.tail);
  }
  // Of an ancestor: whoever stood there gets what came since, too.
  h.adopt({{"f", 8}, {{"e", 7}}, {numbered(7), numbered(8)}}, at(0s));
  CHECK(offsets(h.content({"e", 7}, at(1s)).tail) == list{8});
  CHECK(offsets(h.content({"e", 8}, at(1s)).tail) == list{7, 8});
  CHECK(h.content({"e", 7}, at(1s)).ancestors == std::vector<stream_position>{{"e", 7}});
}

TEST_CASE("history: one that keeps nothing gives its position and where it comes from") {
  history h{"unused", 0, 0ms};
  h.adopt({{"f", 8}, {{"e", 7}}, {numbered(8)}}, at(0s));
  for (const auto& since : {stream_position{}, stream_position{"f", 8}, stream_position{"e", 2}}) {
    const auto got = h.content(since, at(0s));
    CHECK(got.position == stream_position{"f", 8});
    CHECK(got.ancestors.size() == 1);
    CHECK(got.tail.empty());
  }
  CHECK_FALSE(h.recover({"e", 7}, 10, at(0s)).recovered); // something came since, and is gone
  CHECK(h.recover({"f", 8}, 10, at(0s)).recovered);
}

TEST_CASE("history: recovered means that nothing is missing, at any size, age and moment") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    history h{"e", 1 + random() % 20, std::chrono::milliseconds{1 + random() % 200}};
    std::uint64_t last = 0;
    std::chrono::milliseconds now{0};
    for (int step = 0; step < 300; ++step) {
      now += std::chrono::milliseconds{random() % 20};
      if (random() % 2 == 0)
        h.append(numbered(++last), at(now));
      const std::uint64_t since = random() % (last + 2);
      const std::size_t limit = random() % 25;
      const auto got = h.recover({"e", since}, limit, at(now));
      if (!got.recovered) {
        REQUIRE(got.missed.empty());
        continue;
      }
      REQUIRE(got.missed.size() <= limit);
      REQUIRE(since + got.missed.size() == last);
      for (std::size_t i = 0; i < got.missed.size(); ++i)
        REQUIRE(got.missed[i]->offset == since + 1 + i);
    }
  }
}
