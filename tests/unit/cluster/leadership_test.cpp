// leadership: whom it lets go, and for how long that one may still act.
#include "runtime/cluster/leadership.hpp"
#include "tests/unit/cluster/views.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace argosy::cluster;
using argosy::testing::at;
using argosy::testing::view_of;
using namespace std::chrono_literals;

namespace {

const node_identity a{"a", 1};
const node_identity b{"b", 1};
const node_identity c{"c", 1};
const auto three = view_of({"a", "b", "c"}, 7);

/// `a` leads from 10 s on, the last leader was heard at 8 s, and all have acknowledged the view.
struct term {
  leadership of{a, {"a", "b", "c"}, at(8s), at(10s)};

  term() { of.decided(three, at(10s)); }

  lease_verdict renews(const node_identity& who, leadership::time_point now) {
    return of.lease_wanted(who, 7, now, now).verdict;
  }
  /// The view without `c`, which both others accuse from `now` on.
  std::optional<view> let_go_of_c(leadership::time_point now) {
    of.accused(a, c, false, now);
    of.accused(b, c, false, now);
    for (auto later = now; later < now + 3s; later += 100ms) {
      renews(a, later);
      renews(b, later);
      if (auto next = of.next(three, later))
        return next;
    }
    return std::nullopt;
  }
};

} // namespace

TEST_CASE("leadership: who is let go may act for what is left of the last lease it was given") {
  term t;
  CHECK(t.renews(c, at(20s)) == lease_verdict::granted);
  const auto next = t.let_go_of_c(at(22s));
  REQUIRE(next);
  CHECK(find(*next, c) == nullptr);
  REQUIRE(next->leases_left.size() == 1);
  CHECK(next->leases_left[0].id == c);
  CHECK(next->leases_left[0].ms == 1000); // asked at 20 s, for 3.2 s; accused long enough at 22.2 s
}

TEST_CASE(
    "leadership: what an earlier leader may have granted counts from when it was last heard") {
  term t;
  const auto next = t.let_go_of_c(at(10s)); // accused long enough at 10.2 s
  REQUIRE(next);
  CHECK(next->leases_left == std::vector<lease_left>{{c, 1000}});
}

TEST_CASE("leadership: a lease that has run out leaves nothing") {
  term t;
  t.renews(c, at(12s));
  const auto next = t.let_go_of_c(at(60s));
  REQUIRE(next);
  CHECK(next->leases_left == std::vector<lease_left>{{c, 0}});
}

TEST_CASE("leadership: who stands in a proposal gets no lease, unless it was never put forward") {
  term t;
  CHECK(t.renews(c, at(20s)) == lease_verdict::granted);
  REQUIRE(t.let_go_of_c(at(22s)));
  CHECK(t.renews(c, at(23s)) == lease_verdict::no_member);
  t.of.not_proposed();
  CHECK(t.renews(c, at(23s)) == lease_verdict::granted);
}

TEST_CASE("leadership: a view that lets nobody go says nothing of leases") {
  term t;
  auto after = three;
  after.leases_left = {{c, 5}};
  t.of.asks_to_leave(b);
  const auto next = t.of.next(after, at(20s));
  REQUIRE(next);
  CHECK(next->leases_left.empty());
}
