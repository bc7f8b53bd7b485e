// presence_roll: the tracker's sum of what gateways say, in virtual time.
#include "tests/unit/cluster/presence_gateway.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using argosy::presence_limits;
using argosy::presence_verb;
using argosy::cluster::presence_ledger;
using argosy::cluster::presence_roll;
using argosy::testing::arrival;
using argosy::testing::began;
using argosy::testing::change;
using argosy::testing::gateway;
using argosy::testing::room;
using argosy::testing::someone;
using argosy::testing::tracker;
using namespace std::chrono_literals;

namespace {

/// What a sweep makes known.
std::string swept(presence_roll& roll, presence_roll::time_point now) {
  presence_roll::facts out;
  roll.sweep(now, out);
  std::string text;
  for (const auto& f : out)
    text += (f.joined ? "+" : "-") + std::to_string(f.info->client.low) + " ";
  return text;
}

} // namespace

TEST_CASE("presence_roll: arrivals and departures on purpose are facts at once") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(a.say(roll, arrival("r", someone(2, "bob"))));
  CHECK(a.heard() == "+1 +2 ");
  CHECK(a.say(roll, change(presence_verb::left, "r", someone(1, "ann"))));
  CHECK(a.heard() == "-1 ");
  CHECK(roll.table().count(room("r")).clients == 1);
  CHECK(a.beat(roll));
}

TEST_CASE("presence_roll: a gateway whose words were lost is asked, once a second at most") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  a.book.note(tracker, arrival("r", someone(2, "bob")));
  (void)a.flush(roll, false); // lost on the way
  CHECK_FALSE(a.say(roll, arrival("r", someone(3, "cyd"))));
  CHECK(a.beat(roll)); // asked already
  a.now += 1s;
  CHECK_FALSE(a.beat(roll));
  (void)a.heard();
  a.show_all(roll);
  CHECK(roll.table().count(room("r")).clients == 3);
  const auto news = a.heard();
  CHECK((news == "+2 +3 " || news == "+3 +2 "));
  CHECK(a.beat(roll));
  CHECK(a.say(roll, arrival("r", someone(4, "dan"))));
}

TEST_CASE("presence_roll: the digest finds what the numbers do not show") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  argosy::presence_beat beat{a.id, 1, {1, 12345}};
  CHECK_FALSE(roll.take(beat, a.now, a.said));
}

TEST_CASE("presence_roll: a new tracker takes all over without a word to the rooms") {
  presence_roll before{{}, began};
  presence_roll after{{}, began};
  gateway a{"a"};
  CHECK(a.say(before, arrival("r", someone(1, "ann"))));
  CHECK(a.say(before, arrival("r", someone(2, "bob"))));
  (void)a.heard();
  CHECK_FALSE(a.beat(after));
  a.show_all(after);
  CHECK(a.heard().empty());
  CHECK(after.table().count(room("r")).users == 2);
  CHECK(a.beat(after));
}

TEST_CASE("presence_roll: of a snapshot nothing counts until its last page is there") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  for (std::uint64_t i = 0; i < 2 * presence_ledger::page_entries_max; ++i)
    a.book.note(tracker, arrival("r", someone(i, "u" + std::to_string(i))));
  (void)a.flush(roll, false);
  auto pages = a.book.snapshot(tracker);
  REQUIRE(pages.size() == 2);
  CHECK(a.send(roll, pages[0]));
  CHECK(roll.table().entries() == 0);
  SUBCASE("in order") {
    CHECK(a.send(roll, pages[1]));
    CHECK(roll.table().entries() == 2 * presence_ledger::page_entries_max);
    CHECK(a.beat(roll));
  }
  SUBCASE("a page is missing") {
    CHECK(a.send(roll, pages[0]));
    pages[1].page = 2;
    CHECK_FALSE(a.send(roll, pages[1]));
    CHECK(roll.table().entries() == 0);
  }
}

TEST_CASE("presence_roll: who was lost stays for the linger, then leaves") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  (void)a.heard();
  CHECK(a.say(roll, change(presence_verb::lost, "r", someone(1, "ann"))));
  CHECK(a.heard().empty());
  CHECK(a.beat(roll)); // it is the tracker's business now
  CHECK(swept(roll, a.now + 9999ms).empty());
  CHECK(roll.table().count(room("r")).users == 1);
  CHECK(roll.next_sweep() == a.now + 10s);
  CHECK(swept(roll, a.now + 10s) == "-1 ");
  CHECK(roll.empty());
}

TEST_CASE("presence_roll: a person who comes back elsewhere is never missing") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  gateway b{"b"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(a.say(roll, arrival("r", someone(2, "bob"))));
  CHECK(a.say(roll, change(presence_verb::lost, "r", someone(1, "ann"))));
  b.now += 3s;
  CHECK(b.say(roll, arrival("r", someone(7, "ann"))));
  CHECK(b.heard() == "+7 -1 ");
  CHECK(roll.table().count(room("r")).clients == 2);
  CHECK(roll.table().count(room("r")).users == 2);
  a.now += 5s;
  CHECK(a.beat(roll));
  CHECK(swept(roll, a.now + 6s).empty());
}

TEST_CASE("presence_roll: of whom another device is here, a lost one leaves at once") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  gateway b{"b"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(b.say(roll, arrival("r", someone(2, "ann"))));
  CHECK(b.say(roll, arrival("r", someone(3, "ann"))));
  (void)a.heard();
  (void)b.heard();
  roll.gone(a.id, a.now, a.said);
  CHECK(a.heard() == "-1 ");
  CHECK(b.say(roll, change(presence_verb::interrupted, "r", someone(2, "ann"))));
  CHECK(b.say(roll, arrival("r", someone(2, "ann"))));
  CHECK(b.heard().empty()); // it was coming back all the time
  CHECK(b.say(roll, change(presence_verb::lost, "r", someone(2, "ann"))));
  CHECK(b.heard() == "-2 ");
  CHECK(b.say(roll, change(presence_verb::lost, "r", someone(3, "ann"))));
  CHECK(b.heard().empty()); // the last one
  CHECK(roll.table().count(room("r")).users == 1);
}

TEST_CASE("presence_roll: a connection that comes back to its room is no news") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  (void)a.heard();
  CHECK(a.say(roll, change(presence_verb::lost, "r", someone(1, "ann"))));
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(a.heard().empty());
  CHECK(swept(roll, a.now + 9s).empty());
  CHECK(a.beat(roll));
  a.now += 2s; // lost again: the first deadline does not count any more
  CHECK(a.say(roll, change(presence_verb::lost, "r", someone(1, "ann"))));
  CHECK(swept(roll, a.now + 9s).empty());
  CHECK(swept(roll, a.now + 10s) == "-1 ");
}

TEST_CASE("presence_roll: nobody waits for the anonymous, nor where there is no linger") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, ""))));
  CHECK(a.say(roll, change(presence_verb::lost, "r", someone(1, ""))));
  CHECK(a.heard() == "+1 -1 ");
  presence_limits at_once;
  at_once.linger = 0ms;
  presence_roll strict{at_once, began};
  gateway b{"b"};
  CHECK(b.say(strict, arrival("r", someone(1, "ann"))));
  CHECK(b.say(strict, change(presence_verb::lost, "r", someone(1, "ann"))));
  CHECK(b.heard() == "+1 -1 ");
}

TEST_CASE("presence_roll: a dead gateway's clients have the grace, another's stay") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  gateway b{"b"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(a.say(roll, arrival("r", someone(2, "bob"))));
  CHECK(b.say(roll, arrival("r", someone(3, "cyd"))));
  (void)a.heard();
  roll.gone(a.id, a.now, a.said);
  CHECK(a.heard().empty());
  CHECK(roll.table().count(room("r")).clients == 3);
  b.now += 5s;
  CHECK(b.say(roll, arrival("r", someone(4, "bob"))));
  CHECK(b.heard() == "+3 +4 -2 ");
  CHECK(swept(roll, a.now + 10s) == "-1 ");
  CHECK(b.beat(roll));
  CHECK(roll.table().count(room("r")).clients == 2);
}

TEST_CASE("presence_roll: a gateway that is silent for the grace is struck, unless nobody heard") {
  presence_roll roll{{}, began};
  gateway a{"a"};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(swept(roll, a.now + 9s).empty());
  roll.excuse_silence(a.now + 9s);
  CHECK(swept(roll, a.now + 18s).empty());
  CHECK(swept(roll, a.now + 19s) == "-1 ");
  CHECK(roll.gateways() == 0);
  a.now += 20s;
  CHECK_FALSE(a.beat(roll)); // it was alive after all
  a.show_all(roll);
  CHECK(roll.table().entries() == 1);
}

TEST_CASE("presence_roll: a later life of a gateway replaces the earlier, which is heard no more") {
  presence_roll roll{{}, began};
  gateway a{"a", 1};
  gateway again{"a", 2};
  CHECK(a.say(roll, arrival("r", someone(1, "ann"))));
  CHECK(again.say(roll, arrival("r", someone(2, "bob"))));
  CHECK(a.say(roll, arrival("r", someone(3, "cyd"))));
  CHECK(roll.table().count(room("r")).clients == 2);
  roll.gone(a.id, a.now, a.said); // late news
  CHECK(again.beat(roll));
  CHECK(swept(roll, again.now + 9s).empty());
  again.now += 9s;
  CHECK(again.beat(roll));
  CHECK(swept(roll, again.now + 1s) == "-1 ");
  CHECK(roll.table().list(room("r"), 10).size() == 1);
}

TEST_CASE("presence_roll: those that may come back are handed to the successor") {
  presence_roll before{{}, began};
  presence_roll after{{}, began};
  gateway a{"a"};
  gateway b{"b"};
  CHECK(a.say(before, arrival("r", someone(1, "ann"))));
  CHECK(a.say(before, arrival("r", someone(2, "bob"))));
  CHECK(a.say(before, change(presence_verb::lost, "r", someone(1, "ann"))));
  after.take({before.lingering()}, a.now);
  a.show_all(after);
  (void)a.heard();
  CHECK(after.table().count(room("r")).users == 2);
  SUBCASE("they come back") {
    CHECK(b.say(after, arrival("r", someone(3, "ann"))));
    CHECK(b.heard() == "+3 -1 ");
  }
  SUBCASE("they come back before their gateway is known here") {
    b.book.note(tracker, arrival("r", someone(3, "ann")));
    b.book.note(tracker, arrival("r", someone(4, "dan")));
    (void)b.flush(after, false);
    b.show_all(after);
    CHECK(b.heard() == "+3 -1 ");
  }
  SUBCASE("they do not") {
    CHECK(swept(after, a.now + 9s).empty());
    a.now += 9s;
    CHECK(a.beat(after));
    CHECK(swept(after, a.now + 1s) == "-1 ");
  }
}

TEST_CASE("presence_roll: a large room hears of no joins and leaves") {
  presence_limits few;
  few.announced_max = 3;
  presence_roll roll{few, began};
  gateway a{"a"};
  for (std::uint64_t i = 1; i <= 5; ++i)
    CHECK(a.say(roll, arrival("r", someone(i, "u" + std::to_string(i)))));
  CHECK(a.heard() == "+1 +2 +3 ");
  for (std::uint64_t i = 1; i <= 5; ++i)
    CHECK(a.say(roll, change(presence_verb::left, "r", someone(i, "u" + std::to_string(i)))));
  CHECK(a.heard() == "-3 -4 -5 ");
}

// Three gateways and a wire that loses: what the tracker knows in the end is the truth, and so is
// what the rooms have heard, each coming and going once.
TEST_CASE("presence_roll: comes to the truth, whatever is lost") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    presence_roll roll{{}, began};
    std::vector<gateway> gateways;
    for (const auto* name : {"a", "b", "c"})
      gateways.emplace_back(name);
    std::map<std::uint64_t, std::pair<std::size_t, std::string>> truth; // client: gateway, room
    std::set<std::pair<std::string, std::uint64_t>> believed;           // by what the rooms hear
    auto now = began + 10s; // long in office: whatever it learns is news
    const auto listen = [&] {
      for (auto& g : gateways)
        for (const auto& f : std::exchange(g.said, {}))
          if (const std::pair who{std::string{f.room.key()}, f.info->client.low}; f.joined)
            CHECK(believed.insert(who).second);
          else
            CHECK(believed.erase(who) == 1);
    };
    const auto who = [](std::uint64_t id) { return someone(id, "u" + std::to_string(id % 9)); };
    for (int step = 0; step < 300; ++step) {
      now += std::chrono::milliseconds{random() % 200};
      for (auto& g : gateways)
        g.now = now;
      const std::uint64_t id = random() % 40;
      const auto at = id % gateways.size(); // a connection stays where it is
      const bool lossy = random() % 4 == 0;
      if (const auto found = truth.find(id); found == truth.end()) {
        truth[id] = {at, std::to_string(random() % 3)};
        gateways[at].book.note(tracker, arrival(truth[id].second, who(id)));
      } else {
        const auto how = random() % 2 == 0 ? presence_verb::left : presence_verb::lost;
        gateways[at].book.note(tracker, change(how, found->second.second, who(id)));
        truth.erase(found);
      }
      if (!gateways[at].flush(roll, !lossy))
        gateways[at].show_all(roll);
      roll.sweep(now, gateways[0].said);
      listen();
    }
    for (int second = 0; second < 15; ++second) {
      now += 1s;
      for (auto& g : gateways) {
        g.now = now;
        if (!g.beat(roll))
          g.show_all(roll);
      }
      roll.sweep(now, gateways[0].said);
    }
    listen();
    std::map<std::string, std::uint32_t> counts;
    for (const auto& [id, place] : truth) {
      ++counts[place.second];
      CHECK(believed.contains({place.second, id}));
    }
    CHECK(believed.size() == truth.size());
    for (const auto* name : {"0", "1", "2"})
      CHECK(roll.table().count(room(name)).clients == counts[name]);
    CHECK(roll.table().entries() == truth.size());
    CHECK(roll.lingering().empty());
  }
}
