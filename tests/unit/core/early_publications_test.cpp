// early_publications: what came too soon comes out in its turn, and what was lost is known.
#include "runtime/core/early_publications.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

using argosy::early_publications;
using argosy::publication;
using argosy::publication_ptr;
using argosy::stream_position;

namespace {

publication_ptr numbered(std::uint64_t offset, std::size_t bytes = 1) {
  auto p = std::make_shared<publication>();
  p->offset = offset;
  p->data.assign(bytes, 'x');
  return p;
}

} // namespace

TEST_CASE("early_publications: whatever the order of arrival, they leave in theirs") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::vector<std::uint64_t> order;
    for (std::uint64_t n = 1; n <= 60; ++n)
      order.push_back(n);
    std::shuffle(order.begin(), order.end(), random);
    order.push_back(order[random() % order.size()]); // one comes twice
    early_publications early;
    stream_position here{"e", 0};
    for (const auto offset : order) {
      early.put("e", numbered(offset));
      while (const auto next = early.take_after(here)) {
        REQUIRE(next->offset == here.offset + 1);
        ++here.offset;
      }
    }
    CHECK(here.offset == 60);
    CHECK_FALSE(early.know_more_than(here));
    CHECK(early.take_after(here) == nullptr);
    CHECK(early.size() == 0);
  }
}

TEST_CASE("early_publications: what is passed by another way is forgotten") {
  early_publications early;
  for (std::uint64_t n = 3; n <= 6; ++n)
    early.put("e", numbered(n));
  CHECK(early.take_after({"e", 1}) == nullptr);
  CHECK(early.know_more_than({"e", 1}));
  CHECK(early.take_after({"e", 4})->offset == 5);
  CHECK(early.size() == 1);
  CHECK(early.take_after({"e", 6}) == nullptr);
  CHECK_FALSE(early.know_more_than({"e", 6}));
}

TEST_CASE("early_publications: another epoch begins anew, and an old position finds nothing") {
  early_publications early;
  early.put("old", numbered(9));
  early.put("new", numbered(2));
  CHECK(early.size() == 1);
  CHECK_FALSE(early.know_more_than({"old", 1}));
  CHECK(early.take_after({"old", 8}) == nullptr);
  CHECK(early.take_after({"new", 1})->offset == 2);
}

TEST_CASE("early_publications: bounded, and what found no room is known to be missing") {
  early_publications early;
  for (std::uint64_t n = 2; n < 2 + 2 * early_publications::count_max; ++n)
    early.put("e", numbered(n));
  CHECK(early.size() == early_publications::count_max);
  stream_position here{"e", 1};
  while (early.take_after(here))
    ++here.offset;
  CHECK(here.offset == 1 + early_publications::count_max);
  CHECK(early.know_more_than(here));

  early_publications large;
  large.put("e", numbered(2, early_publications::bytes_max));
  large.put("e", numbered(3));
  CHECK(large.size() == 1);
  CHECK(large.know_more_than({"e", 2}));
}
