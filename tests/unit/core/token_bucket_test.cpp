// token_bucket: rate and burst, in virtual time.
#include "runtime/core/token_bucket.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using argosy::token_bucket;
using argosy::token_rate;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

int takes(token_bucket& bucket, const token_rate& rate, std::chrono::nanoseconds now) {
  int taken = 0;
  while (taken < 10'000 && bucket.take(rate, at(now)))
    ++taken;
  return taken;
}

} // namespace

TEST_CASE("token_bucket: a fresh bucket holds its burst, whatever the rate") {
  for (const double rate : {0.1, 1.0, 3.0, 7.0, 200.0, 30'000.0})
    for (const int burst : {1, 2, 3, 7, 400}) {
      CAPTURE(rate);
      CAPTURE(burst);
      token_bucket bucket;
      CHECK(takes(bucket, {rate, static_cast<double>(burst)}, 0s) == burst);
    }
}

TEST_CASE("token_bucket: tokens come back at the rate, never more than the burst") {
  const token_rate rate{10, 5};
  token_bucket bucket;
  CHECK(takes(bucket, rate, 0s) == 5);
  CHECK(takes(bucket, rate, 99ms) == 0);
  CHECK(takes(bucket, rate, 100ms) == 1);
  CHECK(takes(bucket, rate, 400ms) == 3);
  CHECK(takes(bucket, rate, 1h) == 5);
}

TEST_CASE("token_bucket: a refused take costs nothing") {
  const token_rate rate{1, 1};
  token_bucket bucket;
  CHECK(bucket.take(rate, at(0s)));
  for (int i = 0; i < 1000; ++i)
    CHECK_FALSE(bucket.take(rate, at(500ms)));
  CHECK(bucket.take(rate, at(1s)));
}

TEST_CASE("token_bucket: several tokens at once are taken together or not at all") {
  const token_rate rate{1, 10};
  token_bucket bucket;
  CHECK(bucket.take(rate, at(0s), 8));
  CHECK_FALSE(bucket.take(rate, at(0s), 3));
  CHECK(bucket.take(rate, at(0s), 2));
  CHECK_FALSE(bucket.take(rate, at(100s), 11));
}

TEST_CASE("token_bucket: a rate of zero is no limit") {
  token_bucket bucket;
  CHECK(takes(bucket, {0, 0}, 0s) == 10'000);
}

TEST_CASE("token_bucket: in no stretch of time do more pass than burst plus rate times length") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const token_rate rate{static_cast<double>(1 + random() % 1000),
                          static_cast<double>(1 + random() % 50)};
    token_bucket bucket;
    std::chrono::nanoseconds now{0};
    double passed = 0;
    for (int step = 0; step < 2000; ++step) {
      now += std::chrono::microseconds{random() % 3000};
      if (bucket.take(rate, at(now)))
        ++passed;
      const double seconds = std::chrono::duration<double>{now}.count();
      REQUIRE(passed <= rate.burst + seconds * rate.per_second + 1e-3);
    }
    CHECK(passed >= std::min(2000.0, rate.burst)); // and it is no wall either
  }
}
