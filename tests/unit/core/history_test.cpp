// history: the belt and its two bounds, the rule of recovery, and pages.
#include "runtime/core/history.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

using argosy::history;
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

using list = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("history: the oldest falls off when the belt is full") {
  auto h = filled(5, 3);
  CHECK(h.position() == stream_position{"e", 5});
  CHECK(h.size(at(0s)) == 3);
  CHECK(offsets(h.all(at(0s))) == list{3, 4, 5});
}

TEST_CASE("history: each falls off at its age, and the position stays") {
  history h{"e", 10, 1min};
  CHECK(h.expires() == history::time_point::min());
  h.append(numbered(1), at(0s));
  h.append(numbered(2), at(30s));
  CHECK(h.expires() == at(90s));
  CHECK(h.size(at(59'999ms)) == 2);
  CHECK(offsets(h.all(at(60s))) == list{2});
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
  CHECK(offsets(h.all(at(1s))) == list{5});
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
  h.adopt({"new", 9}, {numbered(6), numbered(7), numbered(8), numbered(9)}, at(10s));
  CHECK(h.position() == stream_position{"new", 9});
  CHECK(offsets(h.all(at(10s))) == list{7, 8, 9});
  h.append(numbered(10), at(10s));
  CHECK(offsets(h.recover({"new", 8}, 10, at(10s)).missed) == list{9, 10});
  CHECK_FALSE(h.recover({"old", 9}, 10, at(10s)).recovered);
}

TEST_CASE("history: what is adopted ages from its birth, not from the move") {
  history h{"e", 10, 1min};
  h.adopt({"e", 2}, {numbered(1, at(0s)), numbered(2, at(50s))}, at(55s));
  CHECK(offsets(h.all(at(59s))) == list{1, 2});
  CHECK(offsets(h.all(at(60s))) == list{2});
}

TEST_CASE("history: a replica that keeps nothing adopts the position only") {
  history h{"old", 0, 0ms};
  h.adopt({"new", 9}, {numbered(9)}, at(0s));
  CHECK(h.position() == stream_position{"new", 9});
  CHECK(h.size(at(0s)) == 0);
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
