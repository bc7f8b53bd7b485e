// succession: who stands for election when the leader is known to be gone, and when.
#include "runtime/cluster/succession.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using argosy::cluster::node_identity;
using argosy::cluster::succession;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> voters{"a", "b", "c", "d", "e"};
constexpr succession::time_point start{1000s};

/// When it is due for the first time, in milliseconds after `start`; -1 = not within 2 s.
int first_due(succession& s, const succession::situation& as, int from = 0) {
  for (int ms = from; ms <= 2000; ms += 10)
    if (s.due(as, start + std::chrono::milliseconds{ms}))
      return ms;
  return -1;
}

} // namespace

TEST_CASE("succession: nobody stands while the leader is not known to be gone") {
  succession s{"a", voters};
  CHECK(first_due(s, {"c", 7, false}) == -1);
  s.lost({"d", 1}, 7);
  CHECK(first_due(s, {"c", 7, false}) == -1);
}

TEST_CASE("succession: those that live stand one after the other, in the order of their names") {
  std::vector<int> turns;
  for (const auto* name : {"a", "c", "d", "e"}) {
    succession s{name, voters};
    s.lost({"b", 1}, 7);
    turns.push_back(first_due(s, {"b", 7, false}));
  }
  CHECK(turns == std::vector{0, 100, 200, 300});
}

TEST_CASE("succession: who speaks again is not gone") {
  succession s{"c", voters};
  s.lost({"b", 1}, 7);
  CHECK_FALSE(s.due({"b", 7, false}, start));
  s.heard({"b", 1});
  CHECK(first_due(s, {"b", 7, false}) == -1);
}

TEST_CASE("succession: a next life of the lost leader is no sign of the lost one") {
  succession s{"a", voters};
  s.lost({"b", 1}, 7);
  s.heard({"b", 2});
  CHECK(first_due(s, {"b", 7, false}) == 0);
}

TEST_CASE("succession: the next life of a lost leader may lead a later term") {
  succession s{"a", voters};
  s.lost({"b", 1}, 7);
  CHECK(first_due(s, {"b", 8, false}) == -1);
  s.lost({"b", 2}, 8);
  CHECK(first_due(s, {"b", 8, false}) == 0);
}

TEST_CASE("succession: late word of an earlier life does not end a later one") {
  succession s{"a", voters};
  s.lost({"b", 2}, 7);
  s.heard({"b", 2});
  s.lost({"b", 1}, 6);
  CHECK(first_due(s, {"b", 7, false}) == -1);
}

TEST_CASE("succession: a vote that failed is called again, and never by two at once") {
  std::vector<std::vector<int>> calls;
  for (const auto* name : {"a", "c", "d", "e"}) {
    succession s{name, voters};
    s.lost({"b", 1}, 7);
    auto& mine = calls.emplace_back();
    for (int ms = 0; ms <= 3000; ms += 10) // after the first call it is a candidate, without leader
      if (s.due({mine.empty() ? "b" : "", 7, false}, start + std::chrono::milliseconds{ms}))
        mine.push_back(ms);
    CHECK(mine.size() >= 3);
  }
  for (std::size_t i = 0; i < calls.size(); ++i)
    for (std::size_t k = i + 1; k < calls.size(); ++k)
      CHECK(calls[i][1] != calls[k][1]);
}

TEST_CASE("succession: whoever sees a later term gives its candidate time") {
  succession s{"a", voters};
  s.lost({"b", 1}, 7);
  CHECK(s.due({"b", 7, false}, start));
  CHECK_FALSE(s.due({"", 8, false}, start + 490ms));
  CHECK(first_due(s, {"", 8, false}, 500) == 990);
  CHECK_FALSE(s.due({"c", 9, false}, start + 5s));
  CHECK_FALSE(s.due({"", 9, false}, start + 9s)); // Raft's own patience again
}

TEST_CASE("succession: strangers and oneself are no leaders that could be lost") {
  succession s{"a", voters};
  s.lost({"a", 1}, 7);
  s.lost({"z", 1}, 7);
  CHECK(first_due(s, {"z", 7, false}) == -1);
  CHECK(first_due(s, {"a", 7, true}) == -1);
}
