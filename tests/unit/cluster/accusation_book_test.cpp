// accusation_book: when accusations are enough, and for how many.
#include "runtime/cluster/accusation_book.hpp"
#include "tests/unit/cluster/views.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace argosy::cluster;
using argosy::testing::at;
using argosy::testing::view_of;
using namespace std::chrono_literals;

namespace {

using identities = std::vector<node_identity>;

const node_identity a{"a", 1};
const node_identity b{"b", 1};
const node_identity c{"c", 1};
const node_identity d{"d", 1};
const node_identity e{"e", 1};

const view five = view_of({"a", "b", "c", "d", "e"});

/// The book of `a`, with everybody heard at `now`.
accusation_book book_of(const view& v, std::vector<std::string> voters,
                        std::chrono::milliseconds now = 0ms) {
  accusation_book book{a, std::move(voters), at(now)};
  for (const auto& m : v.members)
    book.heard_from(m.id, at(now));
  return book;
}

/// What is due once the batch is over.
identities due_after_batch(accusation_book& book, std::chrono::milliseconds now, const view& v) {
  CHECK(book.due(at(now), v).empty());
  return book.due(at(now + 200ms), v);
}

} // namespace

TEST_CASE("accusation_book: two accusers condemn, one does not, nor one twice") {
  auto book = book_of(five, {"a", "b", "c"});
  book.accuse(b, e, at(2s));
  book.accuse(b, e, at(2500ms));
  CHECK(due_after_batch(book, 2500ms, five).empty());
  book.accuse(c, e, at(2700ms));
  CHECK(due_after_batch(book, 2700ms, five) == identities{e});
  CHECK(book.due(at(3s), five) == identities{e}); // again, until a view is without it
  const auto next = *condemn(five, {e}).next;
  CHECK(book.due(at(3100ms), next).empty());
}

TEST_CASE("accusation_book: waits 200 ms so that one view takes all that died together") {
  auto book = book_of(five, {"a", "b", "c"});
  book.accuse(b, e, at(2000ms));
  book.accuse(c, e, at(2000ms));
  CHECK(book.due(at(2000ms), five).empty());
  CHECK(book.due(at(2190ms), five).empty());
  book.accuse(b, d, at(2190ms));
  book.accuse(a, d, at(2195ms));
  CHECK(book.due(at(2195ms), five).empty());
  CHECK(book.due(at(2200ms), five) == identities{d, e});
}

TEST_CASE("accusation_book: what is withdrawn, or not renewed for 5 s, no longer counts") {
  auto book = book_of(five, {"a", "b", "c"});
  book.accuse(b, e, at(2s));
  book.accuse(c, e, at(2s));
  CHECK(book.due(at(2s), five).empty());
  book.withdraw(c, e);
  CHECK(book.due(at(3s), five).empty());
  book.accuse(c, e, at(8s)); // the first is forgotten by now
  for (const auto& m : five.members)
    if (m.id != e)
      book.heard_from(m.id, at(8s));
  CHECK(due_after_batch(book, 8s, five).empty());
  book.accuse(b, e, at(12900ms));
  CHECK(due_after_batch(book, 12900ms, five) == identities{});
  book.accuse(c, e, at(13100ms));
  CHECK(due_after_batch(book, 13100ms, five) == identities{e});
}

TEST_CASE("accusation_book: proof of death needs no accuser and no silence") {
  auto book = book_of(five, {"a", "b", "c"}, 2s);
  book.proof_of_death(e, at(2s));
  book.proof_of_death({"e", 2}, at(2s));
  book.proof_of_death({"stranger", 1}, at(2s));
  CHECK(due_after_batch(book, 2s, five) == identities{e});
}

TEST_CASE("accusation_book: a batch has waited since death was proven, also under another leader") {
  auto book = book_of(five, {"a", "b", "c"}, 2s);
  book.proof_of_death(e, at(1900ms));
  CHECK(book.due(at(2s), five).empty());
  CHECK(book.due(at(2100ms), five) == identities{e});
  auto next = book_of(five, {"a", "b", "c"}, 3s);
  next.proof_of_death(e, at(2s));
  CHECK(next.due(at(3s), five) == identities{e});
}

TEST_CASE("accusation_book: who speaks to the leader itself is not condemned by others") {
  auto book = book_of(five, {"a", "b", "c"});
  // d and e have gone deaf: they accuse everybody, and the leader still hears everybody
  for (auto now = 2000ms; now < 20s; now += 100ms) {
    for (const auto& target : {a, b, c}) {
      book.accuse(d, target, at(now));
      book.accuse(e, target, at(now));
    }
    for (const auto& id : {b, c})
      if (now % 500ms == 0ms)
        book.heard_from(id, at(now));
    REQUIRE(book.due(at(now), five).empty());
  }
}

TEST_CASE("accusation_book: the word of who is accused by more does not count") {
  auto book = book_of(five, {"a"});
  book.accuse(b, d, at(2s));
  book.accuse(c, d, at(2s));
  book.accuse(a, d, at(2s));
  book.accuse(d, e, at(2s));
  book.accuse(b, e, at(2s));
  CHECK(book.due(at(2500ms), five).empty()); // the leader has just heard d
  CHECK(due_after_batch(book, 3s, five) == identities{d});
}

TEST_CASE("accusation_book: only members that are up accuse, and only members are accused") {
  auto v = five;
  v.members[1].state = member_state::joining;
  v.members[2].state = member_state::leaving;
  auto book = book_of(v, {"a"});
  book.accuse(b, e, at(2s));
  book.accuse(c, e, at(2s));
  book.accuse({"d", 7}, e, at(2s));
  book.accuse({"stranger", 1}, e, at(2s));
  book.accuse(e, e, at(2s));
  book.accuse(a, {"e", 2}, at(2s));
  book.accuse(d, {"e", 2}, at(2s));
  CHECK(due_after_batch(book, 2s, v).empty());
  book.accuse(a, e, at(3s));
  book.accuse(d, e, at(3s));
  CHECK(due_after_batch(book, 3s, v) == identities{e});
}

TEST_CASE("accusation_book: one accuser is enough where there is no other observer") {
  const auto two = view_of({"a", "b"});
  auto book = book_of(two, {"a"});
  book.accuse(b, a, at(2s)); // the leader decides this, so it lives
  CHECK(due_after_batch(book, 2s, two).empty());
  book.accuse(a, b, at(3500ms));
  CHECK(due_after_batch(book, 3500ms, two) == identities{b});
}

TEST_CASE("accusation_book: nobody waits for a second accuser that has fallen silent itself") {
  const auto three = view_of({"a", "b", "c"});
  auto book = book_of(three, {"a"});
  for (auto now = 2000ms; now <= 3000ms; now += 500ms) {
    book.accuse(a, b, at(now));
    book.accuse(a, c, at(now));
    CHECK(book.due(at(now), three).empty());
  }
  CHECK(book.due(at(3100ms), three).empty());
  CHECK(book.due(at(3300ms), three) == identities{b, c});
}

TEST_CASE("accusation_book: a majority of the voters always stays") {
  auto book = book_of(five, {"a", "b", "c"});
  book.proof_of_death(c, at(2s));
  for (const auto& accuser : {a, d, e})
    book.accuse(accuser, b, at(2s));
  CHECK(due_after_batch(book, 2s, five) == identities{c});
  const auto next = *condemn(five, {c}).next;
  book.proof_of_death(b, at(3s));
  book.proof_of_death(d, at(3s));
  CHECK(due_after_batch(book, 3s, next) == identities{d}); // of two voters left, none may go
}

TEST_CASE("accusation_book: whatever is said, few are condemned and the leader never") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const auto v = view_of({"a", "b", "c", "d", "e", "f", "g", "h"});
    const std::vector<std::string> voters{"a", "b", "c", "d", "e"};
    accusation_book book{a, voters, at(0s)};
    std::size_t condemned = 0;
    for (auto now = 0ms; now < 20s; now += 50ms) {
      const auto anyone = [&] {
        return node_identity{std::string(1, static_cast<char>('a' + random() % 10)),
                             1 + random() % 8 / 7};
      };
      const auto accuser = anyone();
      const auto target = anyone();
      switch (random() % 8) {
      case 0:
        book.withdraw(accuser, target);
        break;
      case 1:
        book.heard_from(accuser, at(now));
        break;
      case 2:
        if (random() % 20 == 0)
          book.proof_of_death(target, at(now));
        break;
      default:
        book.accuse(accuser, target, at(now));
      }
      const auto due = book.due(at(now), v);
      condemned += due.size();
      REQUIRE(std::is_sorted(due.begin(), due.end()));
      REQUIRE(std::set<node_identity>{due.begin(), due.end()}.size() == due.size());
      std::size_t dead_voters = 0;
      for (const auto& id : due) {
        REQUIRE(find(v, id) != nullptr);
        REQUIRE(id != a);
        dead_voters += id.name <= "e" ? 1 : 0;
      }
      REQUIRE(dead_voters <= 2);
    }
    CHECK(condemned > 0);
  }
}
