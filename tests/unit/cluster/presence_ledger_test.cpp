// presence_ledger: what a gateway has said, and can say again.
#include "runtime/cluster/presence_ledger.hpp"
#include "tests/unit/cluster/someone.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using argosy::address;
using argosy::address_kind;
using argosy::presence_verb;
using argosy::cluster::presence_ledger;
using argosy::testing::arrival;
using argosy::testing::change;
using argosy::testing::someone;

namespace {

address tracker(int shard) {
  return {"acme", address_kind::presence, std::to_string(shard)};
}
constexpr auto any_shard = [](std::uint32_t) { return true; };

} // namespace

TEST_CASE("presence_ledger: each letter to a tracker names the one before it") {
  presence_ledger l{true};
  l.note(tracker(1), arrival("a", someone(1, "ann")));
  l.note(tracker(2), arrival("b", someone(2, "bob")));
  auto first = l.flush();
  REQUIRE(first.size() == 2);
  CHECK(first[0].second.previous == 0);
  CHECK(first[1].second.previous == 0);
  CHECK(first[0].second.sequence != first[1].second.sequence);
  l.note(tracker(1), arrival("a", someone(3, "cyd")));
  l.note(tracker(1), arrival("c", someone(3, "cyd")));
  auto second = l.flush();
  REQUIRE(second.size() == 1);
  CHECK(second[0].first == tracker(1));
  CHECK(second[0].second.previous == first[0].second.sequence);
  CHECK(second[0].second.changes.size() == 2);
  CHECK(l.flush().empty());
}

TEST_CASE("presence_ledger: of a tracker that nothing is left at, nothing is kept") {
  presence_ledger l{true};
  const auto ann = someone(1, "ann");
  l.note(tracker(1), arrival("a", ann));
  (void)l.flush();
  l.note(tracker(1), change(presence_verb::left, "a", ann));
  CHECK(l.flush().size() == 1);
  CHECK(l.entries() == 0);
  CHECK(l.trackers() == 0);
  CHECK(l.beats(any_shard).empty());
  l.note(tracker(1), arrival("a", ann));
  CHECK(l.flush()[0].second.previous == 0);
}

TEST_CASE("presence_ledger: who was never here cannot leave") {
  presence_ledger l{true};
  l.note(tracker(1), change(presence_verb::left, "a", someone(1, "ann")));
  CHECK(l.flush().empty());
}

TEST_CASE("presence_ledger: alone it numbers nothing and keeps nothing") {
  presence_ledger l{false};
  const auto ann = someone(1, "ann");
  l.note(tracker(1), arrival("a", ann));
  l.note(tracker(1), change(presence_verb::lost, "a", ann));
  const auto said = l.flush();
  REQUIRE(said.size() == 1);
  CHECK(said[0].second.sequence == 0);
  CHECK(said[0].second.changes.size() == 2);
  CHECK(l.entries() == 0);
  CHECK(l.trackers() == 0);
}

TEST_CASE("presence_ledger: a snapshot is all there is, in pages bounded by entries and bytes") {
  presence_ledger l{true};
  const std::string long_info(3'000, 'x');
  std::set<std::uint64_t> clients;
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    l.note(tracker(1), arrival("r" + std::to_string(i % 7),
                               someone(i, "u" + std::to_string(i), i < 500 ? long_info : "")));
    clients.insert(i);
  }
  CHECK(l.full());
  const auto last = l.flush().back().second.sequence;
  CHECK_FALSE(l.full());
  const auto pages = l.snapshot(tracker(1));
  for (std::size_t i = 0; i < pages.size(); ++i) {
    CHECK(pages[i].page == i);
    CHECK(pages[i].last == (i + 1 == pages.size()));
    CHECK(pages[i].sequence == last);
    CHECK(pages[i].entries.size() <= presence_ledger::page_entries_max);
    std::size_t bytes = 0;
    for (const auto& e : pages[i].entries) {
      bytes += e.info->conn_info.size();
      CHECK(clients.erase(e.info->client.low) == 1);
    }
    CHECK(bytes <= presence_ledger::page_bytes_max + long_info.size());
  }
  CHECK(clients.empty());
  const auto nothing = l.snapshot(tracker(9));
  REQUIRE(nothing.size() == 1);
  CHECK(nothing[0].last);
  CHECK(nothing[0].entries.empty());
}

TEST_CASE("presence_ledger: what is withheld comes when it is released, and no beat before it") {
  presence_ledger l{true};
  l.note(tracker(1), arrival("a", someone(1, "ann")));
  l.note(tracker(2), arrival("b", someone(2, "bob")));
  (void)l.flush();
  const auto seen = l.snapshot(tracker(1))[0].sequence;
  l.withhold(tracker(1));
  l.note(tracker(1), arrival("a", someone(3, "cyd")));
  l.note(tracker(2), arrival("b", someone(3, "cyd")));
  const auto others = l.flush();
  REQUIRE(others.size() == 1);
  CHECK(others[0].first == tracker(2));
  CHECK(l.beats(any_shard).size() == 1);
  l.note(tracker(1), change(presence_verb::left, "a", someone(1, "ann")));
  CHECK(l.flush().empty());
  l.release(tracker(1));
  const auto then = l.flush();
  REQUIRE(then.size() == 1);
  CHECK(then[0].second.previous == seen);
  CHECK(then[0].second.changes.size() == 2);
  CHECK(l.beats(any_shard).size() == 2);
}

TEST_CASE("presence_ledger: the digest says the same for the same, however it came about") {
  presence_ledger a{true};
  presence_ledger b{true};
  for (std::uint64_t i = 0; i < 50; ++i) {
    a.note(tracker(1), arrival("r", someone(i, "u")));
    b.note(tracker(1), arrival("r", someone(49 - i, "u")));
  }
  b.note(tracker(1), arrival("r", someone(77, "u")));
  (void)a.flush();
  (void)b.flush();
  CHECK_FALSE(a.beats(any_shard)[0].second.holds == b.beats(any_shard)[0].second.holds);
  b.note(tracker(1), change(presence_verb::lost, "r", someone(77, "u")));
  (void)b.flush();
  CHECK(a.beats(any_shard)[0].second.holds == b.beats(any_shard)[0].second.holds);
  CHECK(a.beats([](std::uint32_t shard) { return shard == 2; }).empty());
}
