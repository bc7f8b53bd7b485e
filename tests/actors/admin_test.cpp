// admin: actors describe themselves, a node puts it together, and nobody is woken by a question.
#include "runtime/messages/admin.hpp"
#include "tests/actors/test_node.hpp"

#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>

using argosy::inquiry;
using argosy::testing::open_channel;
using argosy::testing::test_node;
using argosy::testing::test_setup;
using namespace std::chrono_literals;

namespace {

test_setup open_setup() {
  test_setup s;
  s.plain = open_channel();
  return s;
}

std::map<std::string, std::string> facts(const argosy::description& d) {
  return {d.facts.begin(), d.facts.end()};
}

struct watch {
  test_node node{open_setup()};

  argosy::node_told ask(inquiry about, std::string subject = {}, std::uint32_t limit = 0) {
    caf::scoped_actor asker{node.system()};
    argosy::inquire_node question;
    question.origin = {caf::actor_cast<caf::strong_actor_ptr>(asker), 7};
    question.about = about;
    question.subject = std::move(subject);
    question.limit = limit;
    argosy::tell(node.services().admin, std::move(question));
    node.settle();
    std::optional<argosy::node_told> got;
    asker->receive([&](const argosy::node_told& m) { got = m; }, caf::after(0s) >> [] {});
    REQUIRE(got);
    CHECK(got->ticket == 7);
    CHECK(got->error == argosy::errc::none);
    return *got;
  }
};

} // namespace

TEST_CASE("admin: a node alone says what it holds") {
  watch w;
  const auto ann = w.node.open();
  ann.connect("ann");
  ann.send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
  const auto told = w.ask(inquiry::node);
  REQUIRE(told.items.size() == 1);
  auto node = facts(told.items[0]);
  CHECK(told.items[0].name == "test");
  CHECK(node["state"] == "alone");
  CHECK(node["connections"] == "1");
  CHECK(node["users"] == "1");
  CHECK(node["shards"] == "4096");
  CHECK(w.ask(inquiry::links).items.empty());
  CHECK(facts(w.ask(inquiry::members).items.at(0))["state"] == "alone");
  CHECK(facts(w.ask(inquiry::shards).items.at(0))["shards"] == "4096");
  CHECK(facts(w.ask(inquiry::shards, "test").items.at(0))["which"] == "0-4095");
  CHECK(w.ask(inquiry::shards, "elsewhere").items.empty());
}

TEST_CASE("admin: of a room it tells the owner's side and the subscribers") {
  watch w;
  std::vector<argosy::testing::test_client> clients;
  for (const auto* user : {"ann", "bob", "cy"}) {
    clients.push_back(w.node.open());
    clients.back().connect(user);
    clients.back().send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
  }
  clients[0].send(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
  const auto told = w.ask(inquiry::room, "default/room/lobby");
  REQUIRE(told.items.size() == 2);
  CHECK(told.items[0].kind == "room");
  auto room = facts(told.items[0]);
  CHECK(room["offset"] == "1");
  CHECK(room["history"] == "1");
  CHECK(room["nodes"] == "test");
  CHECK(told.items[1].kind == "replica");
  auto replica = facts(told.items[1]);
  CHECK(replica["members"] == "3");
  CHECK(replica["epoch"] == room["epoch"]);
}

TEST_CASE("admin: the largest of a kind come first, and no more than were asked for") {
  watch w;
  std::vector<argosy::testing::test_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(w.node.open());
    clients.back().connect("ann");
    for (int room = 0; room <= i; ++room)
      clients.back().send(R"({"id":2,"subscribe":{"channel":"r)" + std::to_string(room) + "\"}}");
  }
  const auto replicas = w.ask(inquiry::actors, "replica", 2);
  CHECK(replicas.total == 4);
  REQUIRE(replicas.items.size() == 2);
  CHECK(facts(replicas.items[0])["members"] == "4");
  CHECK(facts(replicas.items[1])["members"] == "3");
  const auto users = w.ask(inquiry::actors, "user");
  REQUIRE(users.items.size() == 1);
  CHECK(users.items[0].name == "default/user/ann");
  CHECK(facts(users.items[0])["sessions"] == "4");
  CHECK(w.ask(inquiry::actors, "connection").total == 4);
  CHECK(w.ask(inquiry::actors, "room").total == 4);
  CHECK(w.ask(inquiry::actors, "loop").items.size() == 1);
  CHECK(w.ask(inquiry::actors, "nonsense").items.empty());
}

TEST_CASE("admin: an address, a client id and a role are found, and what sleeps is not woken") {
  watch w;
  const auto ann = w.node.open();
  ann.connect("ann");
  const auto user = w.ask(inquiry::user, "default/user/ann");
  REQUIRE(user.items.size() == 2);
  CHECK(user.items[0].kind == "user");
  CHECK(user.items[1].kind == "connection");
  const auto& client = user.items[1].name;
  CHECK(facts(user.items[0])["session " + client] == "test");
  CHECK(w.ask(inquiry::actor, client).items.at(0).kind == "connection");
  CHECK(w.ask(inquiry::actor, "default/user/ann").items.at(0).kind == "user");
  CHECK(w.ask(inquiry::actor, "admin").items.at(0).kind == "admin");
  CHECK(w.ask(inquiry::actor, "presence_agent").items.size() == 1);
  CHECK(w.ask(inquiry::actor, "loop/0").items.size() == 1);
  CHECK(w.ask(inquiry::actor, "loop/9").items.empty());
  const auto rooms = w.node.routes().count(argosy::address_kind::room);
  CHECK(w.ask(inquiry::actor, "default/room/asleep").items.empty());
  CHECK(w.ask(inquiry::room, "default/room/asleep").items.empty());
  CHECK(w.ask(inquiry::room, "no address").items.empty());
  CHECK(w.ask(inquiry::user, "default/user/asleep").items.empty());
  CHECK(w.node.routes().count(argosy::address_kind::room) == rooms);
}

TEST_CASE("admin: an actor that does not answer is counted, and keeps nobody waiting for ever") {
  watch w;
  const argosy::address stuck{"default", argosy::address_kind::user, "stuck"};
  caf::scoped_actor silent{w.node.system()};
  w.node.routes().serve(argosy::address_kind::user, [&](const argosy::address&) {
    return caf::actor_cast<caf::strong_actor_ptr>(silent);
  });
  w.node.routes().route(stuck, argosy::describe{});
  caf::scoped_actor asker{w.node.system()};
  argosy::inquire_node question;
  question.origin = {caf::actor_cast<caf::strong_actor_ptr>(asker), 1};
  question.about = inquiry::actor;
  question.subject = stuck.text();
  argosy::tell(w.node.services().admin, std::move(question));
  w.node.settle();
  bool told = false;
  const auto hear = [&] {
    asker->receive(
        [&](const argosy::node_told& m) {
          told = true;
          CHECK(m.silent == 1);
          CHECK(m.items.empty());
        },
        caf::after(0s) >> [] {});
  };
  hear();
  CHECK_FALSE(told);
  w.node.advance(1'500ms);
  hear();
  CHECK(told);
  w.node.routes().retire(stuck, silent->id());
}

TEST_CASE("admin: all nodes of a node alone are this one") {
  watch w;
  const auto ann = w.node.open();
  ann.connect("ann");
  ann.send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
  std::optional<argosy::fleet_told> told;
  argosy::tell(w.node.services().admin,
               argosy::ask_fleet{argosy::count_members{{}, "default", "lob*"}, 2s, false,
                                 [&](argosy::fleet_told m) { told = std::move(m); }});
  w.node.settle();
  REQUIRE(told);
  CHECK(told->silent.empty());
  REQUIRE(told->nodes.size() == 1);
  CHECK(told->nodes[0].first == "test");
  const auto& rooms = std::get<argosy::members_counted>(told->nodes[0].second).rooms;
  REQUIRE(rooms.size() == 1);
  CHECK(rooms[0] == std::pair<std::string, std::uint32_t>{"lobby", 1});
}
