// shell_syntax: a line is one command or one sentence that says what is wrong with it.
#include "actors/admin/shell_syntax.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

using argosy::completions;
using argosy::shell_request;

namespace {

using words = std::vector<std::string>;

shell_request good(std::string_view line) {
  const auto read = argosy::read_command_line(line);
  const auto* request = std::get_if<shell_request>(&read);
  REQUIRE_MESSAGE(request != nullptr, line);
  return *request;
}

std::string bad(std::string_view line) {
  const auto read = argosy::read_command_line(line);
  const auto* sentence = std::get_if<std::string>(&read);
  REQUIRE_MESSAGE(sentence != nullptr, line);
  return *sentence;
}

} // namespace

TEST_CASE("shell_syntax: positions and options in any order") {
  CHECK(good("nodes").command == "nodes");
  CHECK(good("  nodes\t").arguments.empty());
  for (const auto* line :
       {"actors room --top 5", "actors --top 5 room", "\tactors  --top\t5 room "}) {
    const auto request = good(line);
    CHECK(request.command == "actors");
    CHECK(request.argument("kind") == "room");
    CHECK(request.argument("top") == "5");
  }
  CHECK(good("shards --of b").argument("of") == "b");
  CHECK(good("help room").argument("command") == "room");
}

TEST_CASE("shell_syntax: quotes and backslashes keep what a name holds") {
  CHECK(good(R"(room "the old harbour")").argument("name") == "the old harbour");
  CHECK(good(R"(room 'say "hi"' --tenant acme)").argument("name") == R"(say "hi")");
  CHECK(good(R"(room a\ b)").argument("name") == "a b");
  CHECK(good(R"(room "a\"b")").argument("name") == R"(a"b)");
  CHECK(good(R"(room 'a\b')").argument("name") == R"(a\b)");
  CHECK(good(R"(room ab"c d"e)").argument("name") == "abc de");
  CHECK(bad(R"(room "open)").find("quote is not closed") != std::string::npos);
}

TEST_CASE("shell_syntax: what is wrong is one sentence with a remedy") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "no command on this line"},
      {"nodez", "there is no command \"nodez\"; help lists them"},
      {"actors", "KIND is missing; usage: actors KIND [--top N]"},
      {"actors ship", "there is no kind of actor \"ship\"; kinds are room, replica"},
      {"actors room --top", "--top needs a value"},
      {"actors room --top many", "--top is \"many\"; it takes a number up to 999999"},
      {"actors room --top 1000000", "--top is \"1000000\""},
      {"actors room 5", "\"5\" is not expected here"},
      {"nodes --all", "\"--all\" is not expected here; usage: nodes"},
      {"room", "NAME is missing"},
      {"room \"\"", "NAME is missing"},
      {"who ann --tenant a/b", "--tenant is \"a/b\"; a tenant is not empty and has no slash"},
      {"show " + std::string(2'000, 'x'), "address is longer than 1200 bytes"},
  };
  for (const auto& [line, sentence] : table)
    CHECK_MESSAGE(bad(line).find(sentence) != std::string::npos, bad(line));
}

TEST_CASE("shell_syntax: a request from the socket is held to the same rules") {
  CHECK(argosy::flaw_of({"nodes", {}}).empty());
  CHECK(argosy::flaw_of({"actors", {{"kind", "room"}}}).empty());
  CHECK(argosy::flaw_of({"drop", {}}) == "there is no command \"drop\"; help lists them");
  CHECK(argosy::flaw_of({"nodes", {{"x", "y"}}}) == "nodes has no argument \"x\"; usage: nodes");
  CHECK(argosy::flaw_of({"actors", {{"kind", "room"}, {"top", "-1"}}}).find("--top") == 0);
  CHECK_FALSE(argosy::flaw_of({"actors", {}}).empty());
}

TEST_CASE("shell_syntax: Tab completes commands, kinds, options and nodes") {
  const words nodes{"a", "b", "bb"};
  CHECK(completions("no", nodes) == words{"nodes"});
  CHECK(completions("s", nodes) == words{"status", "shards", "show"});
  CHECK(completions("actors r", nodes) == words{"room", "replica"});
  CHECK(completions("actors room ", nodes) == words{"--top"});
  CHECK(completions("actors room --top 5 ", nodes).empty());
  CHECK(completions("shards --of b", nodes) == words{"b", "bb"});
  CHECK(completions("shards --of ", nodes) == nodes);
  CHECK(completions("room lobby --t", nodes) == words{"--tenant"});
  CHECK(completions("help vi", nodes) == words{"view"});
  CHECK(completions("nonsense ", nodes).empty());
  CHECK(completions("", nodes).size() == argosy::shell_commands().size());
}

TEST_CASE("shell_syntax: help names every command, and of one all that it takes") {
  for (const auto& command : argosy::shell_commands())
    CHECK(argosy::help_text().find(argosy::usage_of(command)) != std::string::npos);
  const auto* actors = argosy::find_command("actors");
  REQUIRE(actors != nullptr);
  CHECK(argosy::help_text(*actors).find("connection: ") != std::string::npos);
  CHECK(argosy::usage_of(*argosy::find_command("shards")) == "shards [--of NODE]");
  CHECK(argosy::usage_of(*argosy::find_command("who")) == "who USER [--tenant TENANT]");
}
