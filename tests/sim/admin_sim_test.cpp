// The questions that people ask of a fleet, from any of its nodes.
#include "actors/gateway/api_actor.hpp"
#include "runtime/messages/admin.hpp"
#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

using argosy::fleet_told;
using argosy::inquiry;
using argosy::sim::sim_world;
using namespace std::chrono_literals;

namespace {

argosy::testing::test_setup open_setup() {
  argosy::testing::test_setup s;
  s.plain = argosy::testing::open_channel();
  return s;
}

struct fleet {
  explicit fleet(std::uint64_t seed) : world(seed, 3, 3, open_setup()) {
    world.start_all();
    REQUIRE(world.run_until([&] { return world.settled(); }, 8s));
    world.run(1s); // links stand in both directions
  }

  fleet_told ask(const std::string& from, argosy::fleet_question what) {
    std::optional<fleet_told> told;
    argosy::tell(
        world.node(from).actors().services().admin,
        argosy::ask_fleet{std::move(what), 2s, false, [&](fleet_told m) { told = std::move(m); }});
    REQUIRE(world.run_until([&] { return told.has_value(); }, 2'500ms));
    return *told;
  }
  fleet_told ask(const std::string& from, inquiry about, std::string subject = {}) {
    return ask(from, argosy::inquire_node{{}, about, std::move(subject), 0});
  }

  sim_world world;
};

std::map<std::string, std::string> facts(const argosy::description& d) {
  return {d.facts.begin(), d.facts.end()};
}

const argosy::node_told& of(const fleet_told& told, const std::string& node) {
  for (const auto& [name, answer] : told.nodes)
    if (name == node)
      return std::get<argosy::node_told>(answer);
  FAIL("no answer of ", node);
  throw 0;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("fleet: any node answers for all, and names one that is cut off") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    fleet f{seed};
    for (const auto* from : {"a", "b", "c"}) {
      const auto told = f.ask(from, inquiry::node);
      CHECK(told.silent.empty());
      std::uint32_t shards = 0;
      for (const auto* name : {"a", "b", "c"}) {
        auto node = facts(of(told, name).items.at(0));
        CHECK(node["state"] == "up");
        CHECK(node["fenced"] == "no");
        shards += static_cast<std::uint32_t>(std::stoul(node["shards"]));
      }
      CHECK(shards == argosy::shard_count);
    }
    for (const auto* other : {"a", "b"}) {
      f.world.network().cut(sim_world::address_of(other), sim_world::address_of("c"));
      f.world.network().cut(sim_world::address_of("c"), sim_world::address_of(other));
    }
    const auto told = f.ask("a", inquiry::node);
    CHECK(told.silent == names{"c"});
    CHECK(told.nodes.size() == 2);
  }
}

TEST_CASE("fleet: links are told from both ends, with how far the peer is") {
  fleet f{3};
  f.world.run(3s); // probes have been answered
  const auto told = f.ask("b", inquiry::links);
  REQUIRE(told.nodes.size() == 3);
  for (const auto* name : {"a", "b", "c"}) {
    const auto& links = of(told, name).items;
    CHECK(links.size() == 2);
    for (const auto& link : links) {
      CHECK(link.kind == "link");
      CHECK(facts(link)["state"] == "connected");
      CHECK(std::stoul(facts(link)["rtt_us"]) > 0);
    }
  }
}

TEST_CASE("fleet: a room is found on its owner and with its subscribers on every node") {
  fleet f{4};
  std::vector<argosy::testing::test_client> clients;
  std::size_t members = 0;
  for (const auto* name : {"a", "b", "c"}) {
    ++members;
    for (std::size_t i = 0; i < members; ++i) {
      clients.push_back(f.world.node(name).actors().open());
      clients.back().connect("u" + std::to_string(clients.size()));
      clients.back().send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
    }
  }
  f.world.run(1s);
  const auto told = f.ask("c", inquiry::room, "default/room/lobby");
  std::size_t owners = 0;
  members = 0;
  for (const auto* name : {"a", "b", "c"}) {
    ++members;
    for (const auto& item : of(told, name).items)
      if (item.kind == "room") {
        ++owners;
        CHECK(facts(item)["interested_nodes"] == "3");
      } else {
        CHECK(facts(item)["members"] == std::to_string(members));
      }
  }
  CHECK(owners == 1);
  const auto counted = f.ask("a", argosy::count_members{{}, "default", "lobby"});
  std::uint32_t all = 0;
  for (const auto& [name, answer] : counted.nodes)
    for (const auto& [room, n] : std::get<argosy::members_counted>(answer).rooms)
      all += n;
  CHECK(all == 6);
}

TEST_CASE("fleet: a user's table and connections are found wherever they are") {
  fleet f{5};
  std::vector<argosy::testing::test_client> clients;
  for (const auto* name : {"a", "b"}) {
    clients.push_back(f.world.node(name).actors().open());
    clients.back().connect("ann");
  }
  f.world.run(1s);
  const auto told = f.ask("c", inquiry::user, "default/user/ann");
  std::size_t tables = 0;
  std::size_t connections = 0;
  for (const auto* name : {"a", "b", "c"})
    for (const auto& item : of(told, name).items)
      if (item.kind == "user") {
        ++tables;
        CHECK(facts(item)["sessions"] == "2");
      } else {
        ++connections;
        CHECK(facts(item)["user"] == "ann");
      }
  CHECK(tables == 1);
  CHECK(connections == 2);
}

TEST_CASE("fleet: the server API counts channels and lists nodes over the whole fleet") {
  fleet f{6};
  std::vector<argosy::testing::test_client> clients;
  for (const auto* name : {"a", "b", "c"}) {
    clients.push_back(f.world.node(name).actors().open());
    clients.back().connect(name);
    clients.back().send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
  }
  f.world.run(1s); // the room's owner may be on another node
  auto& here = f.world.node("a").actors();
  const auto api = caf::actor_cast<caf::strong_actor_ptr>(
      here.system().spawn<argosy::api_actor>(here.services()));
  const auto call = [&](const char* method, const char* body) {
    std::string answer;
    argosy::tell(api, argosy::api_request{method, body, "default",
                                          [&](argosy::http_response r) { answer = r.body; }});
    REQUIRE(f.world.run_until([&] { return !answer.empty(); }, 3s));
    return answer;
  };
  CHECK(call("channels", R"({"pattern":"lob*"})")
        == R"({"result":{"channels":{"lobby":{"num_clients":3}}}})");
  const auto all = call("info", "{}");
  for (const auto* name : {R"("name":"a")", R"("name":"b")", R"("name":"c")"})
    CHECK(all.find(name) != std::string::npos);
  CHECK(all.find("silent") == std::string::npos);
  f.world.network().cut(sim_world::address_of("c"), sim_world::address_of("a"));
  CHECK(call("channels", R"({"pattern":"lob*"})")
        == R"({"result":{"channels":{"lobby":{"num_clients":2}},"silent_nodes":["c"]}})");
  caf::anon_send_exit(api, caf::exit_reason::user_shutdown);
  here.settle();
}
