// lease, lease_book: nobody acts under an old view for long.
#include "runtime/cluster/lease_book.hpp"
#include "tests/unit/cluster/lease_fleet.hpp"
#include "tests/unit/cluster/views.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

using namespace argosy::cluster;
using argosy::testing::at;
using argosy::testing::lease_fleet;
using argosy::testing::view_of;
using namespace std::chrono_literals;

namespace {

const node_identity a{"a", 1};
const node_identity b{"b", 1};

} // namespace

TEST_CASE("lease: counts from when the request was sent") {
  lease l;
  CHECK_FALSE(l.valid(at(0s)));
  l.renewed(at(10s), 7, 3s);
  CHECK(l.valid(at(12999ms)));
  CHECK_FALSE(l.valid(at(13s)));
  CHECK(l.expires_at() == at(13s));
  CHECK(l.view_no() == 7);
}

TEST_CASE("lease: an overtaken answer shortens nothing, one of an older view changes nothing") {
  lease l;
  l.renewed(at(10s), 7, 3s);
  l.renewed(at(9s), 7, 3s);
  CHECK(l.expires_at() == at(13s));
  l.renewed(at(20s), 6, 3s);
  CHECK(l.expires_at() == at(13s));
  l.renewed(at(10500ms), 8, 2s);
  CHECK(l.view_no() == 8);
  CHECK(l.expires_at() == at(13s));
  l.drop();
  CHECK_FALSE(l.valid(at(10s)));
  l.renewed(at(11s), 8, 3s);
  CHECK(l.valid(at(13s)));
}

TEST_CASE("lease_book: grants to members that acknowledged the newest decided view only") {
  lease_book book;
  book.quorum_contact(at(10s));
  book.acknowledged(a, 7);
  CHECK(book.grant(a, at(10s)).verdict == lease_verdict::not_leading);
  book.decided(view_of({"a", "b"}, 7), at(10s));
  CHECK(book.grant(a, at(10s)).verdict == lease_verdict::granted);
  CHECK(book.grant(a, at(10s)).ttl == 3s);
  CHECK(book.grant(a, at(10s)).view_no == 7);
  CHECK(book.grant(b, at(10s)).verdict == lease_verdict::behind);
  CHECK(book.grant(b, at(10s)).ttl == 0s);
  CHECK(book.grant({"a", 2}, at(10s)).verdict == lease_verdict::no_member);
  book.decided(view_of({"a", "b"}, 8), at(11s));
  CHECK(book.grant(a, at(11s)).verdict == lease_verdict::behind);
  book.decided(view_of({"a", "b"}, 7), at(11s)); // late, ignored
  CHECK(book.grant(a, at(11s)).verdict == lease_verdict::behind);
  book.acknowledged(a, 8);
  book.acknowledged(a, 7); // overtaken, ignored
  CHECK(book.grant(a, at(11s)).verdict == lease_verdict::granted);
}

TEST_CASE("lease_book: no grant outlives the last contact with a majority by more than 3 s") {
  lease_book book;
  book.decided(view_of({"a"}, 1), at(10s));
  book.acknowledged(a, 1);
  CHECK(book.grant(a, at(10s)).verdict == lease_verdict::no_quorum);
  book.quorum_contact(at(20s));
  book.quorum_contact(at(19s)); // overtaken, ignored
  for (auto now = 20000ms; now < 23000ms; now += 7ms) {
    const auto answer = book.grant(a, at(now));
    REQUIRE(answer.verdict == lease_verdict::granted);
    REQUIRE(at(now + answer.ttl) == at(23s));
  }
  CHECK(book.grant(a, at(23s)).verdict == lease_verdict::no_quorum);
  CHECK(book.grant(a, at(24h)).verdict == lease_verdict::no_quorum);
  CHECK(book.grant(a, at(20s + 1us)).ttl == 2999ms); // rounded down
}

TEST_CASE(
    "lease_book: a new owner waits 3.2 s, or not at all when the old one is known to be out") {
  auto v = view_of({"a", "b"}, 7);
  lease_book book;
  CHECK(book.fence_clear_at(7, b) == lease_book::time_point::max());
  book.decided(v, at(10s));
  v = *condemn(v, {b}).next;
  book.decided(v, at(12s));
  book.acknowledged(b, 7);
  CHECK(book.fence_clear_at(7, b) == lease_book::time_point::min());
  CHECK(book.fence_clear_at(8, b) == at(15200ms));
  CHECK(book.fence_clear_at(9, b) == lease_book::time_point::max());
  CHECK(book.fence_clear_at(5, a) == at(13200ms)); // decided before this leadership: later is safe
  book.proven_dead(b);
  CHECK(book.fence_clear_at(8, b) == lease_book::time_point::min());
  CHECK(book.fence_clear_at(8, a) == at(15200ms));
  book.acknowledged(a, 8);
  CHECK(book.fence_clear_at(8, a) == lease_book::time_point::min());
}

TEST_CASE("lease_book: remembers 64 decisions, and counts older ones as later than they were") {
  lease_book book;
  auto v = view_of({"a", "b"}, 1);
  for (std::uint64_t no = 1; no <= 100; ++no) {
    v.no = no;
    book.decided(v, at(std::chrono::seconds{no}));
  }
  CHECK(book.fence_clear_at(100, b) == at(103200ms));
  CHECK(book.fence_clear_at(37, b) == at(40200ms));
  CHECK(book.fence_clear_at(36, b) == at(40200ms));
  CHECK(book.fence_clear_at(1, b) == at(40200ms));
}

TEST_CASE("leases: never two views at once for longer than 3.2 s, through partitions and pauses") {
  std::size_t elections = 0;
  std::uint64_t views = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    lease_fleet fleet{seed % 3 == 0 ? 3U : 5U, seed};
    fleet.run_until(120s, false);
    REQUIRE(fleet.violations() == 0);
    fleet.run_until(140s, true);
    REQUIRE(fleet.violations() == 0);
    CHECK(fleet.all_leased()); // and when the trouble is over everybody may act
    CHECK(fleet.grants() > 100);
    elections += fleet.elections();
    views += fleet.newest_decided();
  }
  CHECK(elections > 150 * 5);
  CHECK(views > 150 * 8);
}

TEST_CASE("leases: each of the four rules is needed, the model sees when one is left out") {
  using fault = lease_fleet::fault;
  for (const auto omitted : {fault::ignore_quorum, fault::ignore_acknowledgement, fault::no_barrier,
                             fault::count_from_answer}) {
    CAPTURE(static_cast<int>(omitted));
    std::size_t violations = 0;
    for (unsigned seed = 1; seed <= 150 && violations == 0; ++seed) {
      lease_fleet fleet{5, seed, omitted};
      fleet.run_until(120s, false);
      violations += fleet.violations();
    }
    CHECK(violations > 0);
  }
}
