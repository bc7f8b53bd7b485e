// shard_lifecycle: the state machine step by step. Several of them together: see the _sim_test.
#include "runtime/cluster/shard_lifecycle.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using argosy::cluster::node_identity;
using argosy::cluster::owner_fate;
using argosy::cluster::pull_refusal;
using argosy::cluster::shard_action;
using argosy::cluster::shard_actions;
using argosy::cluster::shard_lifecycle;
using argosy::cluster::shard_ownership;
using argosy::cluster::shard_pull;
using argosy::cluster::shard_state;
using argosy::testing::at;
using namespace std::chrono_literals;
using what = shard_action::what;

namespace {

const node_identity me{"me", 1};
const node_identity bob{"bob", 4};
const node_identity cat{"cat", 2};

std::vector<what> kinds(const shard_actions& actions) {
  std::vector<what> out;
  for (const auto& a : actions)
    out.push_back(a.kind);
  return out;
}

using list = std::vector<what>;

shard_ownership mine(std::uint64_t no, const node_identity& previous,
                     owner_fate fate = owner_fate::member,
                     std::chrono::milliseconds decided = 0ms) {
  return {no, true, previous, fate, at(decided + 3200ms), at(decided + 3200ms)};
}

shard_ownership theirs(std::uint64_t no, const node_identity& previous) {
  return {no, false, previous, owner_fate::member, at(3200ms), at(3200ms)};
}

shard_ownership first_view() {
  return {1, true, {}, owner_fate::none, at(0s), at(0s)};
}

/// Owner in view 5, after bob, and it is our turn.
shard_lifecycle pulling(std::uint64_t& ticket) {
  shard_lifecycle s{me, true};
  REQUIRE(kinds(s.view_changed(mine(5, bob), at(0s))) == list{what::want_turn});
  const auto asked = s.turn(at(0s));
  REQUIRE(kinds(asked) == list{what::pull_from});
  CHECK(asked[0].node == bob);
  CHECK(asked[0].view_no == 5);
  CHECK(asked[0].as_of == 4);
  ticket = asked[0].ticket;
  return s;
}

shard_lifecycle active_in_5() {
  std::uint64_t ticket = 0;
  auto s = pulling(ticket);
  REQUIRE(kinds(s.pull_answer(bob, ticket, 0, 1, at(1ms)))
          == list{what::acknowledge, what::activate});
  return s;
}

} // namespace

TEST_CASE("shard_lifecycle: the first owner ever acts at once, and goes on while it is the owner") {
  shard_lifecycle s{me, true};
  CHECK(s.forgettable());
  const auto first = s.view_changed(first_view(), at(0s));
  REQUIRE(kinds(first) == list{what::activate});
  CHECK(first[0].epoch == 1);
  CHECK(s.acts());
  CHECK(s.view_changed(mine(2, me), at(1s)).empty());
  CHECK(s.view_changed(mine(4, me), at(2s)).empty());   // the one between was ours, too
  CHECK(s.view_changed(theirs(3, me), at(2s)).empty()); // old news
  CHECK(s.epoch() == 1);
  CHECK_FALSE(s.next_tick_at().has_value());
}

TEST_CASE("shard_lifecycle: a planned move pulls at once, and acts when the last part is here") {
  std::uint64_t ticket = 0;
  auto s = pulling(ticket);
  CHECK(s.pull_answer(bob, ticket, 0, 2, at(1ms)).empty());
  CHECK(s.pull_answer(bob, ticket, 0, 2, at(1ms)).empty());
  CHECK(s.pull_answer(bob, ticket + 1, 1, 2, at(1ms)).empty());
  CHECK(s.pull_answer(cat, ticket, 1, 2, at(1ms)).empty());
  CHECK_FALSE(s.acts());
  const auto done = s.pull_answer(bob, ticket, 1, 2, at(2ms));
  REQUIRE(kinds(done) == list{what::acknowledge, what::activate});
  CHECK(done[0].node == bob);
  CHECK(done[0].ticket == ticket);
  CHECK(done[1].epoch == 5);
  CHECK(s.acts());
  // The acknowledgement got lost: bob says it all again.
  CHECK(s.pull_answer(bob, ticket, 0, 2, at(3s)).empty());
  CHECK(kinds(s.pull_answer(bob, ticket, 1, 2, at(3s))) == list{what::acknowledge});
}

TEST_CASE("shard_lifecycle: the owner before seals, hands over, and drops when told that it came") {
  auto s = active_in_5();
  const shard_pull asks{cat, 6, 5, 33};
  CHECK(kinds(s.peer_pulls(asks, at(1s))) == list{what::seal, what::hand_over_to});
  CHECK_FALSE(s.acts());
  CHECK(s.state() == shard_state::sealed);
  CHECK(s.view_changed(theirs(6, me), at(1s)).empty());
  CHECK(s.next_tick_at().value() == at(3s));
  CHECK(kinds(s.tick(at(3s))) == list{what::hand_over_to}); // not acknowledged: once more
  CHECK(s.handover_acknowledged(bob, 33).empty());
  CHECK(s.handover_acknowledged(cat, 32).empty());
  CHECK(kinds(s.handover_acknowledged(cat, 33)) == list{what::drop});
  CHECK(s.forgettable());
}

TEST_CASE("shard_lifecycle: handing over is repeated a few times, not for ever") {
  auto s = active_in_5();
  s.view_changed(theirs(6, me), at(0s));
  s.peer_pulls({cat, 6, 5, 33}, at(0s));
  int repeats = 0;
  while (const auto next = s.next_tick_at())
    repeats += static_cast<int>(s.tick(*next).size());
  CHECK(repeats == 5);
  CHECK(s.holds_content()); // for a salvage, until somebody is known to be active
  CHECK(s.owner_active(5, at(1h)).empty());
  CHECK(kinds(s.owner_active(6, at(1h))) == list{what::drop});
}

TEST_CASE("shard_lifecycle: who asks with an old view is told so, and changes nothing") {
  auto s = active_in_5();
  for (const std::uint64_t no : {4U, 5U}) {
    const auto refused = s.peer_pulls({cat, no, no - 1, 9}, at(1s));
    REQUIRE(kinds(refused) == list{what::wrong_owner});
    CHECK(refused[0].view_no == 5);
  }
  CHECK(s.acts());
  s.peer_pulls({cat, 8, 5, 33}, at(1s)); // now 8 is the newest that we have heard of
  const auto refused = s.peer_pulls({bob, 7, 5, 9}, at(1s));
  REQUIRE(kinds(refused) == list{what::wrong_owner});
  CHECK(refused[0].view_no == 8);
}

TEST_CASE("shard_lifecycle: never acts in a view older than one it has heard of in a pull") {
  shard_lifecycle s{me, true};
  CHECK(kinds(s.peer_pulls({cat, 7, 6, 1}, at(0s))) == list{what::not_ready});
  CHECK(s.view_changed(mine(5, bob), at(0s)).empty());
  CHECK(s.state() == shard_state::none);
  CHECK(s.view_changed(mine(6, me), at(0s)).empty());
  // But it knows now whom it would have asked.
  const auto answer = s.peer_pulls({cat, 7, 6, 2}, at(0s));
  REQUIRE(kinds(answer) == list{what::redirect});
  CHECK(answer[0].to == bob);
  CHECK(answer[0].as_of == 4);
}

TEST_CASE("shard_lifecycle: one that never got it gives up for good, and says whom to ask") {
  std::uint64_t ticket = 0;
  auto s = pulling(ticket);
  const auto answer = s.peer_pulls({cat, 6, 5, 1}, at(1ms));
  REQUIRE(kinds(answer) == list{what::redirect});
  CHECK(answer[0].to == bob);
  CHECK(answer[0].as_of == 4);
  CHECK(s.pull_answer(bob, ticket, 0, 1, at(2ms)).empty()); // too late, and not acknowledged
  CHECK(s.state() == shard_state::none);
}

TEST_CASE("shard_lifecycle: ownership that comes back finds its own copy, if nobody took it over") {
  auto s = active_in_5();
  s.view_changed(theirs(6, me), at(1s));
  s.peer_pulls({cat, 6, 5, 33}, at(1s));
  CHECK(kinds(s.view_changed(mine(7, cat), at(2s))) == list{what::want_turn});
  const auto asked = s.turn(at(2s));
  REQUIRE(kinds(asked) == list{what::pull_from});
  CHECK(asked[0].node == cat);
  CHECK(asked[0].as_of == 6);
  CHECK(s.handover_acknowledged(cat, 33).empty()); // late: it is cat who has it, we go on asking
  const auto back = s.pull_refused(asked[0].ticket, pull_refusal::redirect, me, 5, at(2s));
  REQUIRE(kinds(back) == list{what::activate});
  CHECK(back[0].epoch == 7);
}

TEST_CASE("shard_lifecycle: follows redirects so many times, then salvages") {
  std::uint64_t ticket = 0;
  auto s = pulling(ticket);
  for (int i = 0; i < 32; ++i) {
    const auto asked = s.pull_refused(ticket, pull_refusal::redirect, i % 2 ? bob : cat, 3, at(0s));
    REQUIRE(kinds(asked) == list{what::pull_from});
    CHECK(asked[0].node == (i % 2 ? bob : cat));
    ticket = asked[0].ticket;
  }
  CHECK(s.pull_refused(ticket, pull_refusal::redirect, cat, 3, at(0s)).empty());
  CHECK(s.state() == shard_state::wait_fence);
}

TEST_CASE("shard_lifecycle: asks again when told to wait, and each 2 s in silence, then salvages") {
  std::uint64_t ticket = 0;
  auto s = pulling(ticket);
  CHECK(s.pull_refused(ticket, pull_refusal::not_ready, {}, 0, at(100ms)).empty());
  CHECK(s.next_tick_at().value() == at(150ms));
  auto asked = s.tick(at(150ms));
  REQUIRE(kinds(asked) == list{what::pull_from});
  CHECK(asked[0].ticket != ticket);
  CHECK(s.next_tick_at().value() == at(2s));
  CHECK(s.tick(at(1999ms)).empty());
  CHECK(kinds(s.tick(at(2s))) == list{what::pull_from});
  CHECK(kinds(s.tick(at(4s))) == list{what::pull_from});
  CHECK(kinds(s.tick(at(6s))) == list{what::salvage}); // all old leases are over by now
}

TEST_CASE("shard_lifecycle: after a crash nothing is done until nobody outside can act") {
  shard_lifecycle s{me, true};
  CHECK(s.view_changed(mine(5, bob, owner_fate::gone), at(0s)).empty());
  CHECK(s.state() == shard_state::wait_fence);
  CHECK(s.next_tick_at().value() == at(3200ms));
  CHECK(s.tick(at(3199ms)).empty());
  CHECK(kinds(s.tick(at(3200ms))) == list{what::want_turn});
  const auto salvage = s.turn(at(3300ms));
  REQUIRE(kinds(salvage) == list{what::salvage});
  CHECK(s.salvage_done(salvage[0].ticket + 1, true, at(3400ms)).empty());
  CHECK(kinds(s.salvage_done(salvage[0].ticket, true, at(3400ms))) == list{what::activate});
}

TEST_CASE("shard_lifecycle: a proven death needs no wait if all members answer, else it does") {
  shard_lifecycle s{me, true};
  auto ownership = mine(5, bob, owner_fate::gone);
  ownership.outsiders_fenced_at = at(0s);
  CHECK(kinds(s.view_changed(ownership, at(0s))) == list{what::want_turn});
  auto salvage = s.turn(at(0s));
  REQUIRE(kinds(salvage) == list{what::salvage});
  SUBCASE("all answer") {
    CHECK(kinds(s.salvage_done(salvage[0].ticket, true, at(1ms))) == list{what::activate});
  }
  SUBCASE("one does not") {
    CHECK(s.salvage_done(salvage[0].ticket, false, at(1ms)).empty());
    CHECK(kinds(s.tick(at(501ms))) == list{what::want_turn});
    int incomplete = 0;
    auto now = at(3200ms); // from here on no lease of an older view is left
    while (!s.acts()) {
      salvage = s.turn(now);
      REQUIRE(kinds(salvage) == list{what::salvage});
      REQUIRE(++incomplete <= 3);
      s.salvage_done(salvage[0].ticket, false, now);
      now += 500ms;
      s.tick(now);
    }
    CHECK(incomplete == 3);
  }
}

TEST_CASE("shard_lifecycle: a death that is proven later ends the wait early") {
  shard_lifecycle s{me, true};
  CHECK(s.view_changed(mine(5, bob, owner_fate::gone), at(0s)).empty());
  REQUIRE(s.state() == shard_state::wait_fence);
  SUBCASE("at once, if it is past") {
    CHECK(kinds(s.outsiders_fenced(at(500ms), at(1s))) == list{what::want_turn});
  }
  SUBCASE("at that instant, if it is to come") {
    CHECK(s.outsiders_fenced(at(2s), at(1s)).empty());
    CHECK(s.next_tick_at().value() == at(2s));
    CHECK(s.tick(at(1999ms)).empty());
    CHECK(kinds(s.tick(at(2s))) == list{what::want_turn});
  }
  SUBCASE("but never later than it would have ended") {
    CHECK(s.outsiders_fenced(at(9s), at(1s)).empty());
    CHECK(s.next_tick_at().value() == at(3200ms));
    CHECK(kinds(s.tick(at(3200ms))) == list{what::want_turn});
  }
  const auto asked = s.turn(at(4s));
  REQUIRE(kinds(asked) == list{what::salvage});
  CHECK(kinds(s.salvage_done(asked[0].ticket, true, at(4s))) == list{what::activate});
}

TEST_CASE("shard_lifecycle: news of a proven death spares a later salvage its wait") {
  std::uint64_t ticket = 0;
  auto s = pulling(ticket);
  CHECK(s.outsiders_fenced(at(1ms), at(1ms)).empty()); // bob can still answer
  CHECK(s.state() == shard_state::recover);
  const auto asked = s.pull_refused(ticket, pull_refusal::gone, {}, 0, at(2ms));
  CHECK(kinds(asked) == list{what::salvage});
}

TEST_CASE(
    "shard_lifecycle: news of a proven death is nothing to one that has nothing to wait for") {
  shard_lifecycle idle{me, true};
  CHECK(idle.outsiders_fenced(at(0s), at(1s)).empty());
  CHECK(idle.forgettable());
  auto s = active_in_5();
  CHECK(s.outsiders_fenced(at(0s), at(1s)).empty());
  CHECK(s.acts());
}

TEST_CASE("shard_lifecycle: what was salvaged waits for the lease and for the view heard of") {
  shard_lifecycle s{me, false};
  auto ownership = mine(5, bob, owner_fate::gone);
  ownership.outsiders_fenced_at = at(0s);
  s.view_changed(ownership, at(0s));
  auto ticket = s.turn(at(0s))[0].ticket;
  CHECK(s.salvage_done(ticket, true, at(0s)).empty());
  s.lease_regained();
  s.heard_of_view(6);
  s.tick(at(500ms));
  ticket = s.turn(at(500ms))[0].ticket;
  CHECK(s.salvage_done(ticket, true, at(500ms)).empty());
  ownership.view_no = 6;
  ownership.previous = me;
  CHECK(s.view_changed(ownership, at(600ms)).empty());
  s.tick(at(1s));
  ticket = s.turn(at(1s))[0].ticket;
  const auto done = s.salvage_done(ticket, true, at(1s));
  REQUIRE(kinds(done) == list{what::activate});
  CHECK(done[0].epoch == 6);
}

TEST_CASE("shard_lifecycle: a salvage seals whom it asks, and takes what there is") {
  auto s = active_in_5();
  CHECK(kinds(s.peer_pulls({cat, 9, 0, 1}, at(1s))) == list{what::seal, what::hand_over_to});
  CHECK_FALSE(s.next_tick_at().has_value()); // nothing to acknowledge
  shard_lifecycle empty{me, true};
  CHECK(kinds(empty.peer_pulls({cat, 9, 0, 1}, at(1s))) == list{what::unknown});
}

TEST_CASE("shard_lifecycle: a view that came between may have had another owner: ask, or salvage") {
  SUBCASE("we know of him") {
    auto s = active_in_5();
    CHECK(kinds(s.view_changed(mine(7, bob), at(1s))) == list{what::seal, what::want_turn});
    const auto asked = s.turn(at(1s));
    CHECK(asked[0].node == bob);
    CHECK(asked[0].as_of == 6);
  }
  SUBCASE("we do not") {
    auto s = active_in_5();
    CHECK(kinds(s.view_changed(mine(8, me), at(1s))) == list{what::seal});
    CHECK(s.state() == shard_state::wait_fence);
  }
}

TEST_CASE("shard_lifecycle: without a lease it pauses, and resumes if the shard is still its own") {
  auto s = active_in_5();
  CHECK(kinds(s.lease_lost()) == list{what::pause});
  CHECK(s.lease_lost().empty());
  CHECK_FALSE(s.acts());
  CHECK(s.view_changed(mine(6, me), at(1s)).empty());
  CHECK(kinds(s.lease_regained()) == list{what::resume});
  CHECK(s.acts());
  CHECK(s.epoch() == 5);
  s.lease_lost();
  CHECK(kinds(s.view_changed(theirs(7, me), at(1s))) == list{what::seal});
  CHECK(s.lease_regained().empty());
  CHECK_FALSE(s.acts());
}

TEST_CASE("shard_lifecycle: one that slept through its end steps down when a newer owner speaks") {
  auto s = active_in_5();
  CHECK(s.owner_active(4, at(1s)).empty());
  CHECK(kinds(s.owner_active(6, at(1s))) == list{what::seal, what::drop});
  CHECK_FALSE(s.acts());
}
