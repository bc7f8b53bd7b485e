// view: what may follow what, and what is refused in one sentence.
#include "runtime/cluster/view.hpp"
#include "tests/unit/cluster/views.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>
#include <string>

using namespace argosy::cluster;
using argosy::testing::member_of;
using argosy::testing::view_of;

namespace {

member moved(member m, std::string address) {
  m.address = std::move(address);
  return m;
}

void check_refused(const transition& t, refusal why) {
  CHECK_FALSE(t);
  CHECK(t.why == why);
  CHECK(t.text.size() > 10);
  CHECK(t.text.back() == '.');
}

} // namespace

TEST_CASE("view: a joiner is joining, then up, then leaving, then gone and fenced") {
  view v;
  CHECK(to_string(v) == "view 0: nobody");
  v = *admit(v, member_of("b", 5)).next;
  CHECK(to_string(v) == "view 1: b joining");
  v = *admit(v, member_of("a", 3)).next;
  v = *raise(v, {{"a", 3}, {"b", 5}, {"c", 1}}).next;
  CHECK(to_string(v) == "view 3: a up, b up");
  v = *retire(v, {"b", 5}).next;
  CHECK(to_string(v) == "view 4: a up, b leaving");
  CHECK_FALSE(is_fenced(v, {"b", 5}));
  v = *release(v, {"b", 5}).next;
  CHECK(to_string(v) == "view 5: a up");
  CHECK(is_fenced(v, {"b", 5}));
  CHECK(is_fenced(v, {"b", 4}));
  CHECK_FALSE(is_fenced(v, {"b", 6}));
  CHECK_FALSE(is_fenced(v, {"a", 3}));
  CHECK(is_fenced(v, {"a", 2}));
}

TEST_CASE("view: the condemned are gone and fenced, several in one view") {
  const auto v = view_of({"a", "b", "c", "d"});
  const auto next = *condemn(v, {{"b", 1}, {"d", 1}, {"c", 9}, {"x", 1}}).next;
  CHECK(to_string(next) == "view 2: a up, c up");
  CHECK(next.fenced == std::vector<node_identity>{{"b", 1}, {"d", 1}});
  check_refused(condemn(v, {{"c", 9}, {"x", 1}}), refusal::unknown_member);
}

TEST_CASE("view: the same name and address under a newer incarnation fences the old life at once") {
  const auto v = view_of({"a", "b"});
  const auto next = *admit(v, member_of("a", 2)).next;
  CHECK(to_string(next) == "view 2: a joining, b up");
  CHECK(next.fenced == std::vector<node_identity>{{"a", 1}});
  CHECK(find(next, node_identity{"a", 1}) == nullptr);
  CHECK(find(next, node_identity{"a", 2}) != nullptr);
}

TEST_CASE("view: a name that lives at another address is a clash, whoever is the newer") {
  const auto v = view_of({member_of("a", 5)});
  for (const std::uint64_t incarnation : {4, 5, 6})
    check_refused(admit(v, moved(member_of("a", incarnation), "elsewhere:1")), refusal::name_clash);
}

TEST_CASE("view: a life that has ended never comes back") {
  auto v = *condemn(view_of({member_of("a", 5), member_of("b")}), {{"a", 5}}).next;
  check_refused(admit(v, member_of("a", 5)), refusal::fenced);
  check_refused(admit(v, moved(member_of("a", 4), "elsewhere:1")), refusal::fenced);
  CHECK(admit(v, moved(member_of("a", 6), "elsewhere:1")));
  v = *admit(v, member_of("a", 6)).next;
  check_refused(admit(v, member_of("a", 5)), refusal::fenced);
}

TEST_CASE("view: what asks for nothing new or for the impossible is refused") {
  const auto v = view_of({"a", "b"});
  check_refused(admit(v, member_of("a")), refusal::already);
  check_refused(admit(v, member_of("no spaces")), refusal::malformed);
  check_refused(admit(v, moved(member_of("c"), "")), refusal::malformed);
  check_refused(admit(v, member_of("c", 1, weight_max + 1)), refusal::malformed);
  check_refused(raise(v, {{"a", 1}}), refusal::already);
  check_refused(retire(v, {"a", 2}), refusal::unknown_member);
  check_refused(release(v, {"a", 1}), refusal::wrong_state);
  check_refused(release(v, {"c", 1}), refusal::unknown_member);
  const auto leaving = *retire(v, {"a", 1}).next;
  check_refused(retire(leaving, {"a", 1}), refusal::already);
  check_refused(set_weight(v, "c", 1), refusal::unknown_member);
  check_refused(set_weight(v, "a", weight_max + 1), refusal::malformed);
  check_refused(set_weight(v, "a", 100), refusal::already);
  check_refused(set_override(v, 4096, "a"), refusal::malformed);
  check_refused(set_override(v, 1, "c"), refusal::unknown_member);
  check_refused(clear_override(v, 1), refusal::already);
}

TEST_CASE("view: no more members than the bound") {
  view v;
  for (std::size_t i = 0; i < members_max; ++i)
    v.members.push_back(member_of("n" + std::to_string(10'000 + i)));
  CHECK_FALSE(check(v).has_value());
  check_refused(admit(v, member_of("one-more")), refusal::full);
  CHECK(admit(v, member_of("n10007", 2))); // a rebirth takes no further place
}

TEST_CASE("view: the fenced are bounded, the oldest end is forgotten first") {
  auto v = view_of({"a"});
  for (std::size_t i = 0; i <= fenced_max; ++i) {
    const auto joiner = member_of("n" + std::to_string(i));
    v = *condemn(*admit(v, joiner).next, {joiner.id}).next;
  }
  CHECK(v.fenced.size() == fenced_max);
  CHECK_FALSE(is_fenced(v, {"n0", 1}));
  CHECK(is_fenced(v, {"n1", 1}));
  CHECK_FALSE(check(v).has_value());
}

TEST_CASE("view: overrides are by name and outlive a crash, not a planned leave") {
  auto v = *set_override(view_of({"a", "b"}), 7, "b").next;
  v = *set_override(v, 3, "a").next;
  v = *set_override(v, 7, "a").next;
  CHECK(v.overrides == std::vector<shard_override>{{3, "a"}, {7, "a"}});
  check_refused(set_override(v, 7, "a"), refusal::already);
  CHECK(condemn(v, {{"a", 1}}).next->overrides.size() == 2);
  CHECK(release(*retire(v, {"a", 1}).next, {"a", 1}).next->overrides.empty());
  CHECK(clear_override(v, 3).next->overrides == std::vector<shard_override>{{7, "a"}});
}

TEST_CASE("view: previous is what the placement of the view before depended on") {
  auto v = view_of({member_of("a"), member_of("b", 4, 0), member_of("c", 9, 50)});
  v.members[0].state = member_state::leaving;
  v = *set_override(v, 5, "c").next;
  CHECK(v.previous == placement_input{{{{"c", 9}, 50}}, {}});
  v = *set_weight(v, "c", 60).next;
  CHECK(v.previous == placement_input{{{{"c", 9}, 50}}, {{5, "c"}}});
}

TEST_CASE("view: only the next number is a successor") {
  view v;
  v.no = 7;
  for (const std::uint64_t no : {0, 6, 7, 8, 9}) {
    view next;
    next.no = no;
    CHECK(is_successor(v, next) == (no == 8));
  }
}

TEST_CASE("view: what comes off the wire malformed is refused with a sentence") {
  const std::map<std::string, std::function<void(view&)>> faults{
      {"order", [](view& v) { std::swap(v.members[0], v.members[1]); }},
      {"twice", [](view& v) { v.members[1] = v.members[0]; }},
      {"name", [](view& v) { v.members[2].id.name = "z z"; }},
      {"address", [](view& v) { v.members[0].address = "a\nb"; }},
      {"long address", [](view& v) { v.members[0].address = std::string(256, 'a'); }},
      {"zone", [](view& v) { v.members[0].zone = std::string(65, 'z'); }},
      {"region", [](view& v) { v.members[0].region = "\""; }},
      {"weight", [](view& v) { v.members[0].weight = weight_max + 1; }},
      {"down", [](view& v) { v.members[0].state = member_state::down; }},
      {"state", [](view& v) { v.members[0].state = static_cast<member_state>(77); }},
      {"members", [](view& v) { v.members.resize(members_max + 1, v.members[0]); }},
      {"fenced member",
       [](view& v) {
         v.fenced = {{"a", 1}};
       }},
      {"fenced twice",
       [](view& v) {
         v.fenced = {{"x", 1}, {"y", 1}, {"x", 2}};
       }},
      {"fenced name",
       [](view& v) {
         v.fenced = {{"", 1}};
       }},
      {"fenced many",
       [](view& v) {
         v.fenced.resize(fenced_max + 1, {"x", 1});
       }},
      {"shard",
       [](view& v) {
         v.overrides = {{4096, "a"}};
       }},
      {"shard order",
       [](view& v) {
         v.overrides = {{2, "a"}, {2, "b"}};
       }},
      {"override name",
       [](view& v) {
         v.overrides = {{2, "/"}};
       }},
      {"previous order",
       [](view& v) {
         v.previous.members = {{{"b", 1}, 1}, {{"a", 1}, 1}};
       }},
      {"previous weight",
       [](view& v) {
         v.previous.members = {{{"b", 1}, 0}};
       }},
      {"previous name",
       [](view& v) {
         v.previous.members = {{{"b b", 1}, 1}};
       }},
      {"previous many", [](view& v) { v.previous.members.resize(members_max + 1); }},
      {"previous overrides",
       [](view& v) {
         v.previous.overrides = {{3, "a"}, {1, "a"}};
       }},
  };
  for (const auto& fault : faults) {
    CAPTURE(fault.first);
    auto v = view_of({"a", "b", "c"});
    REQUIRE_FALSE(check(v).has_value());
    fault.second(v);
    const auto wrong = check(v);
    REQUIRE(wrong.has_value());
    CHECK(wrong->size() > 10);
    CHECK(wrong->size() < 300);
    CHECK(wrong->back() == '.');
    CHECK(wrong->find('\n') == std::string::npos);
  }
}

TEST_CASE("view: whatever is proposed, each view is well formed and no ended life returns") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto name = [&] { return std::string(1, static_cast<char>('a' + random() % 6)); };
    const auto anyone = [&](const view& v) {
      return v.members.empty() ? node_identity{name(), random() % 9}
                               : v.members[random() % v.members.size()].id;
    };
    view v;
    std::map<std::string, std::uint64_t> ended;
    for (int step = 0; step < 400; ++step) {
      const std::vector<std::function<transition()>> moves{
          [&] {
            return admit(v, moved(member_of(name(), 1 + step / 20 + random() % 4),
                                  random() % 5 == 0 ? "x:1" : "y:1"));
          },
          [&] {
            return raise(v, {anyone(v), anyone(v)});
          },
          [&] { return retire(v, anyone(v)); },
          [&] { return release(v, anyone(v)); },
          [&] { return condemn(v, {anyone(v)}); },
          [&] { return set_override(v, below(5000), name()); },
          [&] { return clear_override(v, below(5000)); },
          [&] { return set_weight(v, name(), below(300)); },
      };
      const auto t = moves[random() % moves.size()]();
      REQUIRE(t.text.empty() == static_cast<bool>(t));
      if (!t)
        continue;
      REQUIRE(is_successor(v, *t.next));
      REQUIRE(t.next->previous == placement_input_of(v));
      for (const auto& m : v.members)
        if (find(*t.next, m.id) == nullptr)
          ended[m.id.name] = std::max(ended[m.id.name], m.id.incarnation);
      v = *t.next;
      REQUIRE(check(v).value_or("") == "");
      for (const auto& [who, incarnation] : ended) {
        REQUIRE(is_fenced(v, {who, incarnation}));
        const auto* m = find(v, who);
        REQUIRE((m == nullptr || m->id.incarnation > incarnation));
      }
    }
    CHECK(v.no > 50);
  }
}
