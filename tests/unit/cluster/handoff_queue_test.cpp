// handoff_queue: how many at a time, and in which order.
#include "runtime/cluster/handoff_queue.hpp"

#include <doctest/doctest.h>

using argosy::cluster::handoff_queue;

TEST_CASE("handoff_queue: so many move at a time, in the order they came") {
  handoff_queue q{2};
  for (const std::uint32_t shard : {9U, 4U, 9U, 7U})
    q.enter(shard);
  CHECK(q.waiting() == 3);
  CHECK(q.next() == 9);
  CHECK(q.next() == 4);
  CHECK_FALSE(q.next().has_value());
  q.leave(4);
  CHECK(q.next() == 7);
  CHECK(q.moving() == 2);
  q.leave(9);
  q.leave(7);
  CHECK_FALSE(q.next().has_value());
  CHECK(q.moving() == 0);
}

TEST_CASE("handoff_queue: one that begins anew gives up its place, one that leaves is forgotten") {
  handoff_queue q{1};
  q.enter(1);
  q.enter(2);
  q.enter(3);
  CHECK(q.next() == 1);
  q.enter(1);
  CHECK(q.moving() == 0);
  CHECK(q.next() == 2);
  q.leave(3);
  q.leave(3);
  q.leave(2);
  CHECK(q.next() == 1);
  CHECK(q.waiting() == 0);
}

TEST_CASE("handoff_queue: takes every shard there is, 64 at a time") {
  constexpr std::uint32_t at_a_time = 64;
  handoff_queue q;
  for (std::uint32_t shard = 0; shard < argosy::shard_count; ++shard)
    q.enter(shard);
  std::uint32_t moved = 0;
  while (const auto shard = q.next()) {
    CHECK(*shard == moved++);
    REQUIRE(q.moving() <= at_a_time);
    if (q.moving() == at_a_time) {
      CHECK_FALSE(q.next().has_value());
      for (std::uint32_t done = moved - at_a_time; done < moved; ++done)
        q.leave(done);
    }
  }
  CHECK(moved == argosy::shard_count);
}
