// interest_set: late news, restarts, and a plain model.
#include "runtime/cluster/interest_set.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using argosy::cluster::interest_set;
using argosy::cluster::node_identity;

namespace {

using nodes = std::vector<node_identity>;

} // namespace

TEST_CASE("interest_set: nodes come and go, and stand in order of name") {
  interest_set s;
  CHECK(s.empty());
  CHECK(s.declare({"c", 1}, 1));
  CHECK(s.declare({"a", 1}, 1));
  CHECK(s.declare({"b", 1}, 1));
  CHECK_FALSE(s.declare({"b", 1}, 2)); // newer, but no other set
  CHECK(s.nodes() == nodes{{"a", 1}, {"b", 1}, {"c", 1}});
  CHECK(s.retract({"a", 1}, 2));
  CHECK_FALSE(s.retract({"a", 1}, 3));
  CHECK_FALSE(s.retract({"x", 1}, 1));
  CHECK(s.nodes() == nodes{{"b", 1}, {"c", 1}});
  CHECK(s.size() == 2);
  CHECK(s.wants({"b", 1}));
  CHECK_FALSE(s.wants({"a", 1}));
  CHECK_FALSE(s.wants({"b", 2}));
}

TEST_CASE("interest_set: late news undoes nothing that is newer") {
  interest_set s;
  s.declare({"a", 1}, 3);
  CHECK_FALSE(s.retract({"a", 1}, 2));
  CHECK_FALSE(s.retract({"a", 1}, 3));
  CHECK(s.wants({"a", 1}));
  CHECK(s.retract({"a", 1}, 5));
  CHECK_FALSE(s.declare({"a", 1}, 4));
  CHECK_FALSE(s.wants({"a", 1}));
}

TEST_CASE("interest_set: a newer life counts anew, and the older one has no say any more") {
  interest_set s;
  s.declare({"a", 1}, 90);
  CHECK(s.declare({"a", 2}, 1));
  CHECK(s.nodes() == nodes{{"a", 2}});
  CHECK_FALSE(s.retract({"a", 1}, 91));
  CHECK_FALSE(s.drop({"a", 1}));
  CHECK(s.wants({"a", 2}));
  CHECK(s.drop({"a", 2}));
  CHECK_FALSE(s.drop({"a", 2}));
  CHECK(s.empty());
  CHECK(s.lines().empty());
}

TEST_CASE("interest_set: the next owner takes the lines over, whatever it has heard already") {
  interest_set old;
  old.declare({"a", 1}, 1);
  old.retract({"b", 1}, 7);
  old.declare({"c", 1}, 2);
  interest_set next;
  next.retract({"a", 1}, 2);
  next.declare({"b", 1}, 6);
  for (const auto& line : old.lines())
    next.take(line);
  CHECK(next.nodes() == nodes{{"c", 1}});
}

TEST_CASE("interest_set: cancelled lines are bounded") {
  interest_set s;
  s.declare({"z", 1}, 1);
  for (int i = 0; i < 1000; ++i)
    s.retract({"n" + std::to_string(i), 1}, 1);
  CHECK(s.lines().size() == 1 + interest_set::cancelled_max);
  CHECK(s.wants({"z", 1}));
}

TEST_CASE("interest_set: agrees with a plain model, in whatever order the news comes") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    std::map<std::string, interest_set::line> model;
    interest_set s;
    for (int step = 0; step < 300; ++step) {
      interest_set::line news{{std::string(1, static_cast<char>('a' + random() % 6)), random() % 3},
                              random() % 20,
                              random() % 2 == 0};
      if (random() % 20 == 0) {
        s.drop(news.node);
        const auto found = model.find(news.node.name);
        if (found != model.end() && found->second.node <= news.node)
          model.erase(found);
      } else {
        const auto before = s.nodes();
        const bool changed = s.take(news);
        REQUIRE(changed == (before != s.nodes()));
        const auto [at, added] = model.emplace(news.node.name, news);
        if (!added
            && std::pair{news.node, news.version} > std::pair{at->second.node, at->second.version})
          at->second = news;
      }
      nodes wanted;
      for (const auto& [name, line] : model)
        if (line.wanted)
          wanted.push_back(line.node);
      REQUIRE(s.nodes() == wanted);
      REQUIRE(s.size() == wanted.size());
    }
  }
}
