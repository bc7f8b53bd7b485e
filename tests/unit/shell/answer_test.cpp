// shell_answer: one line of JSON for scripts, and the same laid out for people.
#include "actors/admin/shell_answer.hpp"

#include <doctest/doctest.h>

#include <string>

using argosy::lay_out;
using argosy::shell_answer;

namespace {

shell_answer two_nodes() {
  return {{{"nodes",
            {{"node"}, {"state"}, {"connections", true}},
            {{"a", "up", "12"}, {"böse", "leaving", "7"}}},
           {"links", {{"peer"}}, {}}},
          {"c"},
          {"view 7"}};
}

} // namespace

TEST_CASE("shell_answer: a table is its rows under its name, numbers are numbers") {
  CHECK(argosy::to_json(two_nodes())
        == R"({"nodes":[{"node":"a","state":"up","connections":12},)"
           R"({"node":"böse","state":"leaving","connections":7}],)"
           R"("links":[],"silent":["c"],"notes":["view 7"]})");
}

TEST_CASE("shell_answer: a number that is none, or too long to be exact, stays text") {
  const auto json_of = [](const char* cell) {
    return argosy::to_json({{{"t", {{"n", true}}, {{cell}}}}, {}, {}});
  };
  for (const auto* number : {"0", "7", "123456789012345"})
    CHECK(json_of(number).find("\"n\":" + std::string{number} + "}") != std::string::npos);
  for (const auto* text : {"", "007", "1.5", "-1", "1 2", "1234567890123456"})
    CHECK(json_of(text).find("\"n\":\"" + std::string{text} + "\"") != std::string::npos);
}

TEST_CASE("shell_answer: for people, columns stand below each other and silence is said") {
  const auto shown = lay_out(argosy::to_json(two_nodes()));
  CHECK_FALSE(shown.error);
  CHECK(shown.text
        == "node  state    connections\n"
           "a     up                12\n"
           "böse  leaving            7\n"
           "\n"
           "no links\n"
           "\n"
           "view 7\n"
           "\n"
           "no answer from: c\n");
}

TEST_CASE("shell_answer: an error is its sentence") {
  const auto shown = lay_out(argosy::shell_error("no such \"room\""));
  CHECK(shown.error);
  CHECK(shown.text == "no such \"room\"\n");
  CHECK(lay_out("garbage").error);
  CHECK(lay_out("").error);
}

TEST_CASE("shell_answer: what others chose cannot steer the terminal") {
  const auto shown = lay_out(argosy::to_json({{{"t", {{"name"}}, {{"a\x1b[2Jb\nc"}}}}, {}, {}}));
  CHECK(shown.text.find('\x1b') == std::string::npos);
  CHECK(shown.text == "name\na?[2Jb?c\n");
}
