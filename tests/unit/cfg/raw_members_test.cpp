// raw_members: JSON taken apart, and nothing of it changed.
#include "runtime/json/raw_members.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace argosy;

TEST_CASE("raw_members: names are read, values stay the text they are") {
  const auto got = raw_members(R"( {"a" : 1.10, "\u0062":[1, {"x":"}"}], "c":"q\"", "a":null } )");
  REQUIRE(got);
  CHECK(*got
        == std::vector<raw_member>{
            {"a", "1.10"}, {"b", R"([1, {"x":"}"}])"}, {"c", R"("q\"")"}, {"a", "null"}});
  CHECK(raw_members("{}")->empty());
}

TEST_CASE("raw_members: what is no valid object is nothing") {
  for (const auto* bad : {"", "[]", "1", "{", R"({"a":1,})", R"({"a":01})", R"({"a":tru})",
                          R"({"a":1} {"b":2})", "{\"a\":\"\xff\"}", R"({"a":{"b":]}})"})
    CHECK_FALSE(raw_members(bad));
  CHECK_FALSE(raw_members("{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"));
}

TEST_CASE("raw_elements: the texts of a list, in order") {
  CHECK(*raw_elements(R"([1.0, "two" ,{"three" : 3},[ ]])")
        == std::vector<std::string>{"1.0", R"("two")", R"({"three" : 3})", "[ ]"});
  CHECK(raw_elements("[]")->empty());
  for (const auto* bad : {"", "{}", "[1,]", "[", "\"a\""})
    CHECK_FALSE(raw_elements(bad));
}

TEST_CASE("json_string: escapes are read; what is no string is nothing") {
  CHECK(json_string(R"("a\u00e9\n\"")") == "a\u00e9\n\"");
  for (const auto* bad : {"", "1", "null", "[]", "\"open"})
    CHECK_FALSE(json_string(bad));
}

TEST_CASE("minified: white space between tokens goes, inside strings it stays") {
  CHECK(minified("{ \"a b\" :\n\t[ 1.10 , \"x  y\" ] }\r\n") == R"({"a b":[1.10,"x  y"]})");
  CHECK(minified(" 1 ") == "1");
}
