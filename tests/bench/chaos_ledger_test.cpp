// The books of a chaos run: what is lost, repeated or skipped is found, and nothing else is.
#include "bench/chaos/ledger.hpp"
#include "bench/chaos/metrics_page.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using argosy::bench::chaos::instant;
using argosy::bench::chaos::ledger;

namespace {

constexpr std::size_t room = 0, seat = 0;

/// A room in which the words 1 to `n` were said and acknowledged at 1 to `n`, one each 10 ms.
ledger spoken(std::uint64_t n) {
  ledger books(1, 2);
  for (std::uint64_t i = 1; i <= n; ++i) {
    books.said(room, i, instant{i * 10ms});
    books.acked(room, i, {"e", i}, instant{i * 10ms + 2ms});
  }
  return books;
}

} // namespace

TEST_CASE("chaos ledger: what all hold alike is in order") {
  auto books = spoken(3);
  books.subscribed(seat, room, {"e", 0}, false);
  for (std::uint64_t i = 1; i <= 3; ++i)
    books.heard(seat, room, i, i, instant{i * 10ms + 3ms});
  books.holds(room, {"e", 3}, {{1, 1}, {2, 2}, {3, 3}});
  const auto sum = books.close();
  CHECK(sum.acked == 3);
  CHECK(sum.acked_lost + sum.duplicates + sum.gaps + sum.silent_gaps + sum.behind == 0);
  CHECK(sum.epochs_begun == 0);
  CHECK(sum.ack_ns.percentile(1) >= 2'000'000);
  CHECK(books.up_to_date(seat, room, {"e", 3}));
}

TEST_CASE("chaos ledger: an acknowledged word is lost if nobody has it, not if somebody had it") {
  auto books = spoken(3);
  books.subscribed(seat, room, {"e", 0}, false);
  books.heard(seat, room, 1, 1, instant{1 * 10ms + 3ms});
  books.holds(room, {"f", 1}, {{1, 3}}); // a new epoch that only remembers the third
  const auto sum = books.close();
  CHECK(sum.acked_lost == 1);
  CHECK(sum.epochs_begun == 1);
  CHECK(sum.behind == 1);
}

TEST_CASE("chaos ledger: a hole is a gap when it is announced, and a broken promise when not") {
  auto books = spoken(0);
  books.subscribed(seat, room, {"e", 0}, false);
  books.heard(seat, room, 1, 1, instant{1 * 10ms + 3ms});
  SUBCASE("a resubscribe") {
    books.subscribed(seat, room, {"e", 7}, false);
    books.heard(seat, room, 8, 8, instant{8 * 10ms + 3ms});
    CHECK(books.close().gaps == 1);
    CHECK(books.close().silent_gaps == 0);
  }
  SUBCASE("a notice") {
    books.told_of_gap(seat, 7);
    books.heard(seat, room, 8, 8, instant{8 * 10ms + 3ms});
    CHECK(books.close().gaps == 1);
    CHECK(books.close().silent_gaps == 0);
  }
  SUBCASE("nothing") {
    books.heard(seat, room, 8, 8, instant{8 * 10ms + 3ms});
    CHECK(books.close().silent_gaps == 1);
  }
  SUBCASE("a recovery that does not hand out what it promised") {
    books.subscribed(seat, room, {"e", 7}, true);
    books.heard(seat, room, 8, 8, instant{8 * 10ms + 3ms});
    CHECK(books.close().silent_gaps == 1);
  }
}

TEST_CASE("chaos ledger: a word that stands twice, or comes twice, is a duplicate") {
  auto books = spoken(1);
  books.subscribed(seat, room, {"e", 0}, false);
  books.heard(seat, room, 1, 1, instant{1 * 10ms + 3ms});
  books.heard(seat, room, 2, 1, instant{1 * 10ms + 3ms});
  books.holds(room, {"e", 2}, {{1, 1}, {2, 1}});
  CHECK(books.close().duplicates == 2);
}

TEST_CASE("chaos ledger: the first ack after a fault is of a word said after it") {
  const auto books = spoken(3);
  CHECK(books.first_ack_after(room, instant{15ms}) == 7ms);
  CHECK_FALSE(books.first_ack_after(room, instant{31ms}).has_value());
}

TEST_CASE("chaos ledger: two histories of one room are found, whoever tells of them") {
  auto books = spoken(2);
  books.subscribed(seat, room, {"e", 0}, false);
  books.heard(seat, room, 1, 1, instant{});
  books.heard(seat, room, 2, 2, instant{});
  SUBCASE("one history") {
    books.holds(room, {"e", 2}, {{1, 1}, {2, 2}});
    books.holds(room, {"e", 2}, {{1, 1}, {2, 2}});
    CHECK(books.close().diverged == 0);
  }
  SUBCASE("two readers are told different words") {
    books.holds(room, {"e", 2}, {{1, 1}, {2, 2}});
    books.holds(room, {"e", 2}, {{1, 1}, {2, 3}});
    CHECK(books.close().diverged == 1);
  }
  SUBCASE("two readers are told different positions") {
    books.holds(room, {"e", 2}, {{1, 1}, {2, 2}});
    books.holds(room, {"f", 2}, {});
    CHECK(books.close().diverged == 1);
  }
  SUBCASE("a listener has heard another word") {
    books.holds(room, {"e", 2}, {{1, 1}, {2, 3}});
    CHECK(books.close().diverged == 1);
  }
  SUBCASE("a listener has heard what the room does not hold") {
    books.holds(room, {"e", 2}, {{1, 1}});
    CHECK(books.close().diverged == 1);
  }
  SUBCASE("it was told so") {
    books.subscribed(seat, room, {"f", 0}, false);
    books.holds(room, {"f", 0}, {});
    CHECK(books.close().diverged == 0);
  }
}

TEST_CASE("chaos ledger: what the room has forgotten is gone, though somebody had heard it") {
  auto books = spoken(2);
  books.subscribed(seat, room, {"e", 0}, false);
  books.heard(seat, room, 1, 1, instant{});
  books.holds(room, {"f", 0}, {});
  CHECK(books.close().acked_gone == 2);
  CHECK(books.close().acked_lost == 1);
}

TEST_CASE("chaos ledger: times are told of a part of the run") {
  auto books = spoken(3);
  books.subscribed(seat, room, {"e", 0}, false);
  for (std::uint64_t i = 1; i <= 3; ++i)
    books.heard(seat, room, i, i, instant{i * 10ms + 5ms});
  CHECK(books.acked_between(instant{12ms}, instant{32ms}) == 2);
  CHECK(books.acks_of(instant{20ms}, instant{30ms}).count() == 1);
  const auto deliveries = books.deliveries_of(instant{20ms}, instant{31ms});
  CHECK(deliveries.count() == 2);
  CHECK(deliveries.percentile(1) >= 5'000'000);
}

TEST_CASE("metrics_page: a metric is summed over its labels, and not taken for another") {
  constexpr std::string_view page = "# HELP a_total Of a.\na_total{x=\"1\"} 2\na_total{x=\"2\"} 3\n"
                                    "a_total_more 7\nb 1.5e3\n";
  CHECK(argosy::bench::chaos::sum_of(page, "a_total") == 5);
  CHECK(argosy::bench::chaos::sum_of(page, "b") == 1500);
  CHECK(argosy::bench::chaos::sum_of(page, "c") == 0);
}
