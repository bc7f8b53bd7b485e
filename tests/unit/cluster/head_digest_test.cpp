// head_digest: pages, and what a replica learns from them.
#include "runtime/cluster/head_digest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using argosy::cluster::compare;
using argosy::cluster::head_difference;
using argosy::cluster::head_digest_settings;
using argosy::cluster::head_page;
using argosy::cluster::pages_of;
using argosy::cluster::room_head;
using argosy::cluster::well_formed;
using what = head_difference::what;

namespace {

room_head head(const std::string& room, const std::string& epoch, std::uint64_t offset) {
  return {room, {epoch, offset}};
}

} // namespace

TEST_CASE("head_digest: a replica learns where it is behind, apart, not wanted or not known") {
  const auto pages = pages_of({head("same", "e", 3), head("behind", "e", 9), head("apart", "f", 1),
                               head("ahead", "e", 4), head("stranger", "e", 2)});
  REQUIRE(pages.size() == 1);
  CHECK(pages[0].last);
  const auto found =
      compare(pages[0], {head("ahead", "e", 5), head("apart", "e", 8), head("behind", "e", 7),
                         head("known", "e", 1), head("same", "e", 3), head("zzz", "e", 1)});
  const std::vector<head_difference> expected{
      {what::ahead, "ahead", {"e", 4}, {"e", 5}},
      {what::other_epoch, "apart", {"f", 1}, {"e", 8}},
      {what::behind, "behind", {"e", 9}, {"e", 7}},
      {what::unlisted, "known", {}, {"e", 1}},
      {what::unknown, "stranger", {"e", 2}, {}},
      {what::unlisted, "zzz", {}, {"e", 1}},
  };
  CHECK(found == expected);
}

TEST_CASE("head_digest: an owner that sends nothing says so") {
  const auto pages = pages_of({});
  REQUIRE(pages.size() == 1);
  CHECK(well_formed(pages[0]));
  CHECK(compare(pages[0], {}).empty());
  const auto found = compare(pages[0], {head("a", "e", 1)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == what::unlisted);
}

TEST_CASE("head_digest: pages keep their bounds, follow each other, and list each room once") {
  std::vector<room_head> heads;
  for (int i = 0; i < 5000; ++i)
    heads.push_back(head("acme/room/" + std::to_string(i * 7919 % 5000), "epoch", 1));
  heads.push_back(head(std::string(100'000, 'b'), "epoch", 1)); // larger than a page, and alone
  head_digest_settings s;
  s.page_heads_max = 100;
  s.page_bytes_max = 2000;
  const auto pages = pages_of(heads, s);
  std::size_t listed = 0;
  std::string after;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    REQUIRE(well_formed(pages[i]));
    REQUIRE(pages[i].after == after);
    REQUIRE(pages[i].last == (i + 1 == pages.size()));
    std::size_t bytes = 0;
    for (const auto& h : pages[i].heads)
      bytes += h.room.size() + h.position.epoch.size();
    REQUIRE(pages[i].heads.size() <= s.page_heads_max);
    REQUIRE((bytes <= s.page_bytes_max || pages[i].heads.size() == 1));
    listed += pages[i].heads.size();
    after = pages[i].heads.back().room;
  }
  CHECK(listed == heads.size());
}

TEST_CASE("head_digest: a page off the wire that is not in order is found out") {
  CHECK(well_formed({"a", false, {head("b", "e", 1), head("c", "e", 1)}}));
  CHECK_FALSE(well_formed({"a", false, {head("c", "e", 1), head("b", "e", 1)}}));
  CHECK_FALSE(well_formed({"a", false, {head("b", "e", 1), head("b", "e", 1)}}));
  CHECK_FALSE(well_formed({"b", false, {head("b", "e", 1)}}));
  CHECK_FALSE(well_formed({"b", true, {head("a", "e", 1)}}));
  CHECK_FALSE(well_formed({"b", false, {}}));
}

TEST_CASE("head_digest: over all pages, every difference is found once and nothing else") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    std::map<std::string, room_head> theirs;
    std::map<std::string, room_head> ours;
    for (int i = 0; i < 60; ++i) {
      const auto name = "r" + std::to_string(i);
      if (random() % 3 > 0)
        theirs[name] = head(name, std::to_string(random() % 2), random() % 3);
      if (random() % 3 > 0)
        ours[name] = head(name, std::to_string(random() % 2), random() % 3);
    }
    const auto values = [](const auto& map) {
      std::vector<room_head> out;
      for (const auto& [name, h] : map)
        out.push_back(h);
      return out;
    };
    auto shuffled = values(theirs);
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    head_digest_settings s;
    s.page_heads_max = 1 + random() % 10;
    std::map<std::string, what> found;
    for (const auto& page : pages_of(shuffled, s))
      for (const auto& d : compare(page, values(ours)))
        REQUIRE(found.emplace(d.room, d.kind).second);
    std::map<std::string, what> expected;
    for (const auto& [name, h] : theirs) {
      const auto at = ours.find(name);
      if (at == ours.end())
        expected[name] = what::unknown;
      else if (at->second.position.epoch != h.position.epoch)
        expected[name] = what::other_epoch;
      else if (at->second.position.offset != h.position.offset)
        expected[name] =
            at->second.position.offset < h.position.offset ? what::behind : what::ahead;
    }
    for (const auto& [name, h] : ours)
      if (!theirs.contains(name))
        expected[name] = what::unlisted;
    REQUIRE(found == expected);
  }
}
