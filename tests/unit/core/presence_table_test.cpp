// presence_table: who is where, against a plain model.
#include "runtime/core/presence_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <string>

using argosy::address;
using argosy::address_kind;
using argosy::client_id;
using argosy::client_info;
using argosy::client_info_ptr;
using argosy::presence_table;

namespace {

client_info_ptr someone(std::uint64_t id, std::string user, std::string conn_info = {}) {
  return std::make_shared<client_info>(
      client_info{client_id{id * 7, id}, std::move(user), std::move(conn_info), {}});
}

address room(const std::string& name) {
  return {"acme", address_kind::room, name};
}

constexpr std::size_t everybody = 1000;

} // namespace

TEST_CASE("presence_table: clients are counted, users once each, the anonymous each for himself") {
  presence_table t;
  t.add(room("a"), someone(1, "ann"));
  t.add(room("a"), someone(2, "ann"));
  t.add(room("a"), someone(3, "bob"));
  t.add(room("a"), someone(4, ""));
  t.add(room("a"), someone(5, ""));
  CHECK(t.count(room("a")).clients == 5);
  CHECK(t.count(room("a")).users == 4);
  CHECK(t.count(room("b")).clients == 0);
  CHECK(t.count(room("b")).users == 0);
  CHECK(t.list(room("b"), everybody).empty());
}

TEST_CASE("presence_table: the same client again replaces its entry") {
  presence_table t;
  CHECK(t.add(room("a"), someone(1, "ann", "1")).fresh);
  CHECK_FALSE(t.add(room("a"), someone(1, "ann", "2")).fresh);
  CHECK(t.entries() == 1);
  const auto there = t.list(room("a"), everybody);
  REQUIRE(there.size() == 1);
  CHECK(there[0]->conn_info == "2");
}

TEST_CASE("presence_table: a leave takes one client out of one room, and the empty room goes") {
  presence_table t;
  const auto ann = someone(1, "ann");
  t.add(room("a"), ann);
  t.add(room("b"), ann);
  CHECK(t.rooms() == 2);
  CHECK(t.remove(room("a"), *someone(1, "ann")));
  CHECK_FALSE(t.remove(room("a"), *someone(1, "ann")));
  CHECK(t.rooms() == 1);
  CHECK(t.entries() == 1);
  t.remove(room("a"), *ann);
  t.remove(room("b"), *someone(2, "ann"));
  t.remove(room("never seen"), *ann);
  CHECK(t.entries() == 1);
  t.remove(room("b"), *ann);
  CHECK(t.rooms() == 0);
  CHECK(t.entries() == 0);
}

TEST_CASE("presence_table: a list is no longer than was asked for") {
  presence_table t;
  for (std::uint64_t i = 0; i < 20; ++i)
    t.add(room("a"), someone(i, "u" + std::to_string(i)));
  CHECK(t.list(room("a"), 0).empty());
  CHECK(t.list(room("a"), 7).size() == 7);
  CHECK(t.list(room("a"), 20).size() == 20);
  CHECK(t.list(room("a"), 21).size() == 20);
}

TEST_CASE("presence_table: who does not want to be listed is there, and is not counted") {
  presence_table t;
  const auto ann = someone(1, "ann");
  t.add(room("a"), ann, false);
  t.add(room("a"), someone(2, "ann"));
  CHECK(t.entries() == 2);
  CHECK(t.count(room("a")).clients == 1);
  CHECK(t.count(room("a")).users == 1);
  CHECK(t.list(room("a"), everybody).size() == 1);
  REQUIRE(t.find(room("a"), *ann) != nullptr);
  CHECK_FALSE(bool{t.find(room("a"), *ann)->listed});
  CHECK_FALSE(t.add(room("a"), ann, true).fresh);
  CHECK(t.count(room("a")).clients == 2);
  CHECK(t.count(room("a")).users == 1);
}

TEST_CASE("presence_table: marks stay with their entry, whoever else comes and goes") {
  presence_table t;
  std::mt19937 random{5};
  std::map<std::uint64_t, std::uint16_t> gateways;
  for (int step = 0; step < 3000; ++step) {
    const std::uint64_t id = random() % 200;
    const auto who = someone(id, "u" + std::to_string(id % 30));
    if (random() % 2 == 0) {
      t.add(room("a"), who).entry.gateway = static_cast<std::uint16_t>(step);
      gateways[id] = static_cast<std::uint16_t>(step);
    } else {
      REQUIRE(t.remove(room("a"), *who) == (gateways.erase(id) == 1));
    }
    for (const auto& [there, gateway] : gateways) {
      const auto* found = t.find(room("a"), *someone(there, "u" + std::to_string(there % 30)));
      REQUIRE(found != nullptr);
      REQUIRE(found->gateway == gateway);
    }
  }
}

TEST_CASE("presence_table: agrees with a plain model, whatever comes and goes") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    presence_table t;
    struct who {
      std::string user;
      bool listed;
    };
    std::map<std::string, std::map<std::uint64_t, who>> model;
    for (int step = 0; step < 400; ++step) {
      const auto name = std::to_string(random() % 3);
      const std::uint64_t id = random() % (seed % 2 == 0 ? 15 : 60);
      const auto user = id % 4 == 0 ? "" : "u" + std::to_string(id % 5);
      if (random() % 5 < 3) {
        const bool listed = random() % 8 != 0;
        t.add(room(name), someone(id, user), listed);
        model[name][id] = {user, listed};
      } else {
        REQUIRE(t.remove(room(name), *someone(id, user)) == (model[name].erase(id) == 1));
      }
      std::size_t entries = 0;
      std::size_t rooms = 0;
      for (const auto& [at, members] : model) {
        entries += members.size();
        rooms += members.empty() ? 0 : 1;
        std::set<std::string> users;
        std::map<std::uint64_t, std::string> expected;
        std::size_t anonymous = 0;
        for (const auto& [member, m] : members)
          if (m.listed) {
            expected[member] = m.user;
            m.user.empty() ? void(++anonymous) : void(users.insert(m.user));
          }
        const auto n = t.count(room(at));
        REQUIRE(n.clients == expected.size());
        REQUIRE(n.users == users.size() + anonymous);
        std::map<std::uint64_t, std::string> listed;
        for (const auto& info : t.list(room(at), everybody))
          listed[info->client.low] = info->user;
        REQUIRE(listed == expected);
      }
      REQUIRE(t.entries() == entries);
      REQUIRE(t.rooms() == rooms);
    }
  }
}
