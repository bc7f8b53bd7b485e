// repetition: what a log is spared, in virtual time.
#include "runtime/core/repetition.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <string>

using argosy::repetition;
using argosy::testing::at;
using namespace std::chrono_literals;

TEST_CASE("repetition: a sentence is said once in each pause, whatever others are said") {
  repetition r;
  CHECK(r.is_news("a rock", at(0s), 10s));
  CHECK(r.is_news("a sail", at(1s), 10s));
  CHECK_FALSE(r.is_news("a rock", at(1s), 10s));
  CHECK_FALSE(r.is_news("a rock", at(9'999ms), 10s));
  CHECK(r.is_news("a rock", at(10s), 10s));
  CHECK_FALSE(r.is_news("a sail", at(10s), 10s));
  CHECK_FALSE(r.is_news("a rock", at(19s), 10s));
}

TEST_CASE("repetition: a stranger with many sentences fills it, and the pause empties it") {
  repetition r;
  for (std::size_t i = 0; i < repetition::remembered_max; ++i)
    CHECK(r.is_news(std::to_string(i), at(0s), 10s));
  CHECK_FALSE(r.is_news("one too many", at(1s), 10s));
  CHECK_FALSE(r.is_news("0", at(1s), 10s));
  CHECK(r.is_news("one too many", at(10s), 10s));
}
