// member: identities, their order and their text.
#include "runtime/cluster/member.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <unordered_set>

using argosy::cluster::member_state;
using argosy::cluster::node_identity;
using argosy::cluster::parse_identity;
using argosy::cluster::valid_member_name;

TEST_CASE("member: a name is 1 to 64 plain characters") {
  CHECK(valid_member_name("a"));
  CHECK(valid_member_name("Node-1.eu_west"));
  CHECK(valid_member_name(std::string(64, 'x')));
  CHECK_FALSE(valid_member_name(""));
  CHECK_FALSE(valid_member_name(std::string(65, 'x')));
  for (const auto* bad : {"a b", "a#1", "a/b", "a\n", "\xC3\xA9"})
    CHECK_FALSE(valid_member_name(bad));
}

TEST_CASE("member: an identity is read back from its text, and nothing else is") {
  for (const auto& id : {node_identity{"a", 0}, node_identity{"b.c-d_e", 7},
                         node_identity{"z", std::numeric_limits<std::uint64_t>::max()}})
    CHECK(parse_identity(to_string(id)) == id);
  CHECK(to_string(node_identity{"a", 12}) == "a#12");
  for (const auto* bad : {"", "a", "a#", "#1", "a#x", "a#1x", "a#-1", "a#18446744073709551616",
                          "a b#1", "a#1 ", "a#+1", "a##1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_identity(bad).has_value());
  }
}

TEST_CASE("member: two lives of one name are two identities, the later one the greater") {
  const node_identity early{"a", 1};
  const node_identity late{"a", 2};
  CHECK(early != late);
  CHECK(early < late);
  CHECK(late < node_identity{"b", 0});
  CHECK(std::unordered_set<node_identity>{early, late, early}.size() == 2);
}

TEST_CASE("member: every state has a word of its own") {
  CHECK(to_string(member_state::joining) == "joining");
  CHECK(to_string(member_state::up) == "up");
  CHECK(to_string(member_state::leaving) == "leaving");
  CHECK(to_string(member_state::down) == "down");
}
