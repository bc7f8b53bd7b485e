// The admin shell's desk: a line of JSON in, a line of JSON out, from real actors.
#include "actors/admin/shell_desk.hpp"
#include "actors/admin/shell_questions.hpp"
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using argosy::answer_of;
using argosy::description;
using argosy::fleet_told;
using argosy::node_told;
using argosy::shell_answer;
using argosy::testing::open_channel;
using argosy::testing::test_node;
using argosy::testing::test_setup;

namespace {

test_setup open_setup() {
  test_setup s;
  s.plain = open_channel();
  return s;
}

struct desk {
  test_node node{open_setup()};

  std::string line(const std::string& line) {
    std::optional<std::string> answer;
    argosy::answer_shell(node.services(), line,
                         [&](std::string said) { answer = std::move(said); });
    node.settle();
    REQUIRE(answer);
    return *answer;
  }
  std::string run(const std::string& command) {
    const auto read = argosy::read_command_line(command);
    return line(argosy::shell_line(std::get<argosy::shell_request>(read), 0));
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

fleet_told told(std::vector<std::pair<std::string, std::vector<description>>> nodes,
                std::vector<std::string> silent = {}) {
  fleet_told out;
  for (auto& [name, items] : nodes)
    out.nodes.emplace_back(name, node_told{0, argosy::errc::none, items.size(), 0, items});
  out.silent = std::move(silent);
  return out;
}

argosy::shell_request request(const char* line) {
  return std::get<argosy::shell_request>(argosy::read_command_line(line));
}

} // namespace

TEST_CASE("shell: a node alone answers every command") {
  desk d;
  const auto ann = d.node.open();
  ann.connect("ann");
  ann.send(R"({"id":2,"subscribe":{"channel":"lobby"}})");
  ann.send(R"({"id":3,"publish":{"channel":"lobby","data":1}})");
  ann.send(R"({"id":4,"subscribe":{"channel":"deck"}})");
  CHECK(has(d.run("status"), R"({"status":[{"nodes":1,"up":1,)"));
  CHECK(has(d.run("nodes"), R"({"nodes":[{"node":"test","state":"alone","view":0,)"));
  CHECK(has(d.run("view"), R"("node":"test","state":"alone")"));
  CHECK(has(d.run("shards"), R"({"node":"test","shards":4096})"));
  CHECK(has(d.run("shards --of test"), R"("which":"0-4095")"));
  CHECK(has(d.run("shards --of b"), "owns no shards"));
  CHECK(has(d.run("links"), R"({"links":[],"silent":[])"));
  CHECK(has(d.run("actors room --top 1"), R"("notes":["the largest 1 of 2 by interested_nodes"])"));
  CHECK(has(d.run("show default/room/lobby"), R"("fact":"offset","value":"1")"));
  CHECK(has(d.run("show default/room/x"), "no node has an awake actor"));
  CHECK(has(d.run("who ann"), R"({"sessions":[{"owner":"test",)"));
  CHECK(has(d.run("who bob"), R"(user \"bob\" of tenant \"default\" is not online)"));
  CHECK(has(d.run("room lobby"), R"("offset":1,"history":1,"interested_nodes":1)"));
  CHECK(has(d.run("room lobby"), R"({"node":"test","members":1,)"));
  CHECK(has(d.run("room lobby --tenant acme"), "is not active"));
}

TEST_CASE("shell: garbage on the socket is answered with a sentence") {
  desk d;
  for (const auto* line : {"", "nodes", "[]", "{", "\xff\xfe", "{\"command\":1}"})
    CHECK_MESSAGE(has(d.line(line), R"({"error":")"), line);
  CHECK(has(d.line(R"({"command":"rm"})"), "there is no command"));
  CHECK(has(d.line(R"({"command":"help"})"), "asks no node"));
  CHECK(has(d.line(R"({"command":"actors","arguments":{"kind":"x"}})"), "no kind of actor"));
  CHECK(has(d.line(R"({"command":"nodes","within_ms":-5})"), R"("nodes":[)"));
}

TEST_CASE("shell: status says what is wrong with the fleet") {
  const auto node = [](const char* name, const char* state, const char* view, const char* fenced) {
    return description{0,
                       "node",
                       name,
                       {{"state", state},
                        {"view", view},
                        {"fenced", fenced},
                        {"version", "1"},
                        {"connections", "2"}}};
  };
  const auto answer = answer_of(
      request("status"),
      told({{"a", {node("a", "up", "7", "no")}}, {"b", {node("b", "up", "6", "yes")}}}, {"c"}));
  CHECK(answer.silent == std::vector<std::string>{"c"});
  REQUIRE(answer.tables[0].rows.size() == 1);
  CHECK(answer.tables[0].rows[0] == std::vector<std::string>{"3", "2", "6 7", "", "4", "0"});
  REQUIRE(answer.notes.size() == 2);
  CHECK(has(answer.notes[0], "node b is fenced"));
  CHECK(has(answer.notes[1], "different views"));
}

TEST_CASE("shell: the largest of all nodes come first, whichever node has them") {
  const auto user = [](const char* name, const char* sessions) {
    return description{0, "user", name, {{"sessions", sessions}, {"session x", "a"}}};
  };
  const auto answer = answer_of(request("actors user --top 2"),
                                told({{"a", {user("t/user/1", "3"), user("t/user/2", "1")}},
                                      {"b", {user("t/user/3", "10"), user("t/user/4", "2")}}}));
  const auto& rows = answer.tables[0].rows;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == std::vector<std::string>{"b", "t/user/3", "10"});
  CHECK(rows[1] == std::vector<std::string>{"a", "t/user/1", "3"});
  CHECK(answer.notes.at(0) == "the largest 2 of 4 by sessions");
}

TEST_CASE("shell: two owners of one room do not stay unseen") {
  const description room{0, "room", "t/room/x", {{"epoch", "e"}}};
  const auto answer = answer_of(request("room x"), told({{"a", {room}}, {"b", {room}}}));
  REQUIRE(answer.notes.size() == 1);
  CHECK(has(answer.notes[0], "two nodes act as the owner"));
}
