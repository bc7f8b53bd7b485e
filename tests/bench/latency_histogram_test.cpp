#include "bench/latency_histogram.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using namespace argosy::bench;

TEST_CASE("latency_histogram: every value lies in a bucket that is at most 1.6 % wide") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = random() >> (22 + random() % 40);
    const auto bucket = histogram_scale::bucket_of(value);
    const auto upper = histogram_scale::upper_bound(bucket);
    REQUIRE(bucket < histogram_scale::buckets);
    REQUIRE(upper >= value);
    REQUIRE(static_cast<double>(upper - value) <= 0.016 * static_cast<double>(value));
    REQUIRE(histogram_scale::bucket_of(upper) == bucket);
    if (bucket + 1 < histogram_scale::buckets)
      REQUIRE(histogram_scale::bucket_of(upper + 1) == bucket + 1);
  }
}

TEST_CASE("latency_histogram: a value beyond the scale counts as the largest") {
  CHECK(histogram_scale::bucket_of(std::numeric_limits<std::uint64_t>::max())
        == histogram_scale::buckets - 1);
}

TEST_CASE("latency_histogram: percentiles are those of the samples") {
  latency_histogram h;
  CHECK(h.percentile(0.5) == 0);
  for (std::uint64_t v = 1; v <= 1'000; ++v)
    h.record(v * 1'000);
  CHECK(h.count() == 1'000);
  CHECK(h.percentile(0.5) == doctest::Approx(500'000).epsilon(0.016));
  CHECK(h.percentile(0.99) == doctest::Approx(990'000).epsilon(0.016));
  CHECK(h.percentile(0.999) == doctest::Approx(999'000).epsilon(0.016));
  CHECK(h.percentile(1.0) == doctest::Approx(1'000'000).epsilon(0.016));
}

TEST_CASE("latency_histogram: the difference of two looks holds what came between") {
  live_histogram live;
  live.record(5);
  const auto before = live.snapshot();
  live.record(40);
  live.record(40);
  auto between = live.snapshot();
  between -= before;
  CHECK(between.count() == 2);
  CHECK(between.percentile(0.01) == 40);
  between += before;
  CHECK(between.percentile(0.01) == 5);
}
