// session_table: first and last of a user's sessions, and the cap.
#include "runtime/core/session_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using argosy::client_id;
using table = argosy::session_table<int>;
using opened = table::opened;

TEST_CASE("session_table: the first is told from another, the last from those before it") {
  table t;
  CHECK(t.empty());
  CHECK(t.open({0, 1}, 10, 0) == opened::first);
  CHECK(t.open({0, 2}, 20, 0) == opened::another);
  CHECK_FALSE(t.close({0, 1}));
  CHECK(t.close({0, 2}));
  CHECK(t.empty());
  CHECK(t.open({0, 3}, 30, 0) == opened::first);
}

TEST_CASE("session_table: closing a stranger is nothing, least of all the last leave") {
  table t;
  t.open({0, 1}, 10, 0);
  CHECK_FALSE(t.close({0, 9}));
  CHECK(t.all().size() == 1);
}

TEST_CASE("session_table: the same client again replaces its handle and keeps its place") {
  table t;
  t.open({0, 1}, 10, 2);
  t.open({0, 2}, 20, 2);
  CHECK(t.open({0, 1}, 11, 2) == opened::another);
  REQUIRE(t.all().size() == 2);
  CHECK(t.all()[0].handle == 11);
  CHECK(t.all()[1].handle == 20);
}

TEST_CASE("session_table: over the cap nobody new is let in, and a leave makes room") {
  table t;
  t.open({0, 1}, 10, 2);
  t.open({0, 2}, 20, 2);
  CHECK(t.open({0, 3}, 30, 2) == opened::over_cap);
  CHECK(t.all().size() == 2);
  t.close({0, 1});
  CHECK(t.open({0, 3}, 30, 2) == opened::another);
}

TEST_CASE("session_table: sessions stay in the order in which they came, whoever leaves") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    table t;
    std::vector<client_id> model;
    for (int step = 0; step < 200; ++step) {
      const client_id who{0, random() % 12};
      const auto known = std::find(model.begin(), model.end(), who);
      if (random() % 2 == 0) {
        const auto result = t.open(who, step, 8);
        if (known != model.end()) {
          REQUIRE(result == opened::another);
        } else if (model.size() == 8) {
          REQUIRE(result == opened::over_cap);
        } else {
          model.push_back(who);
          REQUIRE(result == (model.size() == 1 ? opened::first : opened::another));
        }
      } else {
        const bool was_there = known != model.end();
        if (was_there)
          model.erase(known);
        REQUIRE(t.close(who) == (was_there && model.empty()));
      }
      REQUIRE(t.all().size() == model.size());
      for (std::size_t i = 0; i < model.size(); ++i)
        REQUIRE(t.all()[i].client == model[i]);
    }
  }
}
