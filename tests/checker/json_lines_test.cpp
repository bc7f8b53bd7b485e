// Histories from a file: every kind of record, the order of several writers, and bad lines.
#include "tests/checker/json_lines.hpp"
#include "tests/checker/judge.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace argosy::checker;

namespace {

constexpr auto day =
    R"({"t":1,"event":"subscribed","session":"s","room":"acme/lobby","epoch":"e","offset":0})"
    "\n"
    R"({"t":3,"event":"answered","publisher":"p","counter":1,"result":"ok","epoch":"e","offset":1})"
    "\n"
    R"({"t":2,"event":"attempted","publisher":"p","counter":1,"room":"acme/lobby","key":"p#1",)"
    R"("connection":"c"})"
    "\n"
    "\n"
    R"({"t":4,"event":"delivered","session":"s","room":"acme/lobby","offset":1,"payload":"p#1"})"
    "\n"
    R"({"t":5,"event":"fault_injected","what":"kill a","rooms":["acme/lobby"]})"
    "\n"
    R"({"t":6,"event":"unsubscribed","session":"s","room":"acme/lobby","code":2500})"
    "\n"
    R"({"t":7,"event":"subscribed","session":"s","room":"acme/lobby","recovering":true,)"
    R"("recovered":true,"since_epoch":"e","since_offset":1,"epoch":"e","offset":1})"
    "\n"
    R"({"t":8,"event":"gap_announced","session":"s","room":"acme/lobby","from":2,"to":2})"
    "\n"
    R"({"t":9,"event":"final_read","reader":"a","room":"acme/lobby","epoch":"e","offset":2,)"
    R"("items":[[1,"p#1"],[2,"p#2"]]})"
    "\n";

std::string problem_with(const std::string& line) {
  std::istringstream from{line};
  chronicle run;
  return read_json_lines(from, run);
}

} // namespace

TEST_CASE("json_lines: every record comes through, by its time") {
  std::istringstream from{day};
  chronicle run;
  REQUIRE(read_json_lines(from, run).empty());
  REQUIRE(run.size() == 9);
  CHECK(std::holds_alternative<attempted>(run[1]));
  const auto& resumed = std::get<subscribed>(run[6]);
  CHECK(resumed.recovered);
  CHECK(resumed.since == position{"e", 1});
  CHECK(std::get<final_read>(run[8]).items.size() == 2);
  const auto v = judge(run, {});
  REQUIRE(v.violations.size() == 1); // p#2 in the log, which nobody sent
  CHECK(v.violations[0].broken == promise::no_phantoms);
  CHECK(v.measured.acked == 1);
}

TEST_CASE("json_lines: a bad line is named, with what is wrong") {
  CHECK(problem_with("{}\n").find("line 1: 'event' is ''") == 0);
  CHECK(problem_with("\n[]\n") == "line 2: it is not a JSON object");
  CHECK(problem_with("{\"t\":") == "line 1: it is not a JSON object");
  CHECK(problem_with(R"({"event":"delivered","offset":-1})")
        == "line 1: 'offset' is not a whole number, not below 0");
  CHECK(problem_with(R"({"event":"answered","result":"fine"})")
        == "line 1: 'result' is 'fine', and can be ok, rejected or unknown");
  CHECK(problem_with(R"({"event":"final_read","items":[[1]]})")
        == "line 1: an item is not a list of an offset and a payload");
  CHECK(problem_with(R"({"event":"subscribed","recovered":1})")
        == "line 1: 'recovered' is not true or false");
}
