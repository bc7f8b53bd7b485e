// route_buffer: order, bounds, time, and a plain model.
#include "runtime/cluster/route_buffer.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <vector>

using argosy::cluster::route_buffer_settings;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

using buffer = argosy::cluster::route_buffer<std::unique_ptr<int>>;

constexpr auto overhead = buffer::item_overhead;

std::unique_ptr<int> item(int n) {
  return std::make_unique<int>(n);
}

std::vector<int> numbers(const std::vector<std::unique_ptr<int>>& items) {
  std::vector<int> out;
  for (const auto& i : items)
    out.push_back(*i);
  return out;
}

} // namespace

TEST_CASE("route_buffer: gives a shard's items back in order, and leaves those of others") {
  buffer b;
  CHECK(b.hold(7, 10, item(1), at(0s)));
  CHECK(b.hold(8, 10, item(2), at(0s)));
  CHECK(b.hold(7, 10, item(3), at(0s)));
  CHECK(b.holds(7));
  CHECK(numbers(b.release(7)) == std::vector{1, 3});
  CHECK_FALSE(b.holds(7));
  CHECK(b.release(7).empty());
  CHECK(b.size() == 1);
  CHECK(b.bytes() == 10 + overhead);
  CHECK(numbers(b.release(8)) == std::vector{2});
  CHECK(b.bytes() == 0);
}

TEST_CASE("route_buffer: refuses beyond the shard's or the node's bound, and keeps nothing of it") {
  route_buffer_settings s;
  s.shard_bytes_max = 2 * (100 + overhead);
  s.node_bytes_max = 3 * (100 + overhead);
  buffer b{s};
  CHECK(b.hold(1, 100, item(1), at(0s)));
  CHECK(b.hold(1, 100, item(2), at(0s)));
  auto third = item(3);
  CHECK_FALSE(b.hold(1, 0, std::move(third), at(0s)));
  REQUIRE(third != nullptr); // still the caller's, who answers its sender
  CHECK(b.hold(2, 100, std::move(third), at(0s)));
  CHECK_FALSE(b.hold(3, 0, item(4), at(0s)));
  CHECK_FALSE(b.holds(3));
  b.release(2);
  CHECK(b.hold(3, 100, item(4), at(0s)));
}

TEST_CASE("route_buffer: what was held for too long comes back, oldest first over all shards") {
  buffer b;
  CHECK_FALSE(b.next_expiry().has_value());
  CHECK(b.hold(1, 1, item(1), at(0s)));
  CHECK(b.hold(2, 1, item(2), at(1s)));
  CHECK(b.hold(1, 1, item(3), at(2s)));
  CHECK(b.next_expiry().value() == at(5s));
  CHECK(b.expire(at(4999ms)).empty());
  CHECK(numbers(b.expire(at(6s))) == std::vector{1, 2});
  CHECK(numbers(b.release(1)) == std::vector{3});
}

TEST_CASE("route_buffer: agrees with a plain model") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    route_buffer_settings s;
    s.shard_bytes_max = 5 * (50 + overhead);
    s.node_bytes_max = 12 * (50 + overhead);
    s.hold_max = 100ms;
    buffer b{s};
    struct held {
      std::uint32_t shard;
      std::size_t cost;
      int number;
      int since_ms;
    };
    std::vector<held> model;
    for (int ms = 0; ms < 500; ++ms) {
      const auto shard = static_cast<std::uint32_t>(random() % 4);
      const auto cost_of = [&](auto which) {
        std::size_t sum = 0;
        for (const auto& h : model)
          sum += which(h) ? h.cost : 0;
        return sum;
      };
      if (random() % 10 < 8) {
        const auto bytes = random() % 100;
        const auto cost = bytes + overhead;
        const bool fits =
            cost_of([&](const held& h) { return h.shard == shard; }) + cost <= s.shard_bytes_max
            && cost_of([](const held&) { return true; }) + cost <= s.node_bytes_max;
        REQUIRE(b.hold(shard, bytes, item(ms), at(std::chrono::milliseconds{ms})) == fits);
        if (fits)
          model.push_back({shard, cost, ms, ms});
      } else {
        const bool by_time = random() % 2 == 0;
        const auto due = [&](const held& h) {
          return by_time ? h.since_ms + 100 <= ms : h.shard == shard;
        };
        std::vector<int> expected;
        for (const auto& h : model)
          if (due(h))
            expected.push_back(h.number);
        std::erase_if(model, due);
        REQUIRE(numbers(by_time ? b.expire(at(std::chrono::milliseconds{ms})) : b.release(shard))
                == expected);
      }
      REQUIRE(b.size() == model.size());
      REQUIRE(b.bytes() == cost_of([](const held&) { return true; }));
    }
  }
}
