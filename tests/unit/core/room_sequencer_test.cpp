// room_sequencer: numbers without holes, one for each key, no faster than the room allows.
#include "runtime/core/room_sequencer.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>

using argosy::channel_options;
using argosy::errc;
using argosy::room_sequencer;
using argosy::stream_position;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

channel_options remembering() {
  channel_options o;
  o.history_size = 10;
  o.history_ttl = 1min;
  o.dedupe_window = 1min;
  return o;
}

room_sequencer::draft saying(std::string data, std::string key = {}) {
  room_sequencer::draft d;
  d.data = std::move(data);
  d.idempotency_key = std::move(key);
  return d;
}

} // namespace

TEST_CASE("room_sequencer: offsets count from one, and everything said is in the publication") {
  room_sequencer room{remembering(), "e"};
  auto d = saying("1");
  d.tags["k"] = "v";
  d.wall_ms = 1700;
  d.conflation_key = 5;
  const auto first = room.accept(d, at(3s));
  REQUIRE(first.accepted);
  CHECK(first.error == errc::none);
  CHECK(first.position == stream_position{"e", 1});
  CHECK(first.accepted->offset == 1);
  CHECK(first.accepted->data == "1");
  CHECK(first.accepted->tags.at("k") == "v");
  CHECK(first.accepted->time_ms == 1700);
  CHECK(first.accepted->conflation_key == 5);
  CHECK(first.accepted->accepted_at == at(3s));
  CHECK(room.accept(saying("2"), at(3s)).position == stream_position{"e", 2});
  CHECK(room.past().position() == stream_position{"e", 2});
  CHECK(room.past().size(at(3s)) == 2);
}

TEST_CASE("room_sequencer: a duplicate gets the position of the first, and nothing is published") {
  room_sequencer room{remembering(), "e"};
  room.accept(saying("1", "a"), at(0s));
  room.accept(saying("2", "b"), at(0s));
  const auto again = room.accept(saying("other words", "a"), at(59s));
  CHECK(again.error == errc::none);
  CHECK_FALSE(again.accepted);
  CHECK(again.position == stream_position{"e", 1});
  CHECK(room.past().position().offset == 2);
  const auto later = room.accept(saying("1", "a"), at(60s));
  CHECK(later.accepted);
  CHECK(later.position == stream_position{"e", 3});
}

TEST_CASE("room_sequencer: without a key nothing is a duplicate") {
  room_sequencer room{remembering(), "e"};
  CHECK(room.accept(saying("same"), at(0s)).position.offset == 1);
  CHECK(room.accept(saying("same"), at(0s)).position.offset == 2);
}

TEST_CASE("room_sequencer: over its rate the room refuses, and no number is lost by it") {
  auto options = remembering();
  options.publish_per_second = 10;
  options.publish_burst = 2;
  room_sequencer room{options, "e"};
  CHECK(room.accept(saying("1", "a"), at(0s)).position.offset == 1);
  CHECK(room.accept(saying("2"), at(0s)).position.offset == 2);
  const auto refused = room.accept(saying("3", "c"), at(0s));
  CHECK(refused.error == errc::too_many_requests);
  CHECK_FALSE(refused.accepted);
  SUBCASE("a retry after the pause is taken, for its key was not remembered") {
    const auto retry = room.accept(saying("3", "c"), at(100ms));
    CHECK(retry.accepted);
    CHECK(retry.position.offset == 3);
  }
  SUBCASE("a duplicate is answered all the same") {
    CHECK(room.accept(saying("1", "a"), at(0s)).position.offset == 1);
  }
}

TEST_CASE("room_sequencer: what skips history has no offset and leaves no trace there") {
  room_sequencer room{remembering(), "e"};
  room.accept(saying("1"), at(0s));
  auto d = saying("passing", "p");
  d.skip_history = true;
  const auto passing = room.accept(d, at(0s));
  REQUIRE(passing.accepted);
  CHECK(passing.accepted->offset == 0);
  CHECK(passing.position == stream_position{"e", 0});
  CHECK(room.past().size(at(0s)) == 1);
  const auto again = room.accept(d, at(0s));
  CHECK_FALSE(again.accepted);
  CHECK(again.position == passing.position);
  CHECK(room.accept(saying("2"), at(0s)).position.offset == 2);
}

TEST_CASE("room_sequencer: a room may be forgotten once neither history nor a key would be lost") {
  auto options = remembering();
  options.dedupe_window = 2min;
  room_sequencer room{options, "e"};
  CHECK(room.forgettable(at(0s)));
  room.accept(saying("1", "a"), at(0s));
  CHECK_FALSE(room.forgettable(at(59s)));
  CHECK_FALSE(room.forgettable(at(60s))); // the key is still good
  CHECK(room.forgettable(at(2min)));
}

TEST_CASE("room_sequencer: a successor goes on counting, and knows a retry of what was accepted") {
  room_sequencer old{remembering(), "5.e"};
  old.accept(saying("1", "a"), at(0s));
  old.accept(saying("2"), at(10s));
  auto past = old.past_content(at(20s));

  auto options = remembering();
  options.publish_per_second = 10;
  options.publish_burst = 5;
  room_sequencer heir{options, "unused"};
  SUBCASE("moved: the epoch goes on") {
    heir.adopt(past, old.keys(at(20s)), at(20s));
    CHECK(heir.past().position() == stream_position{"5.e", 2});
    CHECK(heir.accept(saying("1", "a"), at(20s)).position == stream_position{"5.e", 1});
    CHECK(heir.accept(saying("3"), at(20s)).position == stream_position{"5.e", 3});
  }
  SUBCASE("salvaged: another epoch, and the numbers go on") {
    descend(past, "6.f");
    heir.adopt(past, old.keys(at(20s)), at(20s));
    const auto retry = heir.accept(saying("1", "a"), at(20s));
    CHECK_FALSE(retry.accepted);
    CHECK(retry.position == stream_position{"6.f", 1});
    CHECK(heir.accept(saying("3"), at(20s)).position == stream_position{"6.f", 3});
    CHECK(heir.past().recover({"5.e", 1}, 10, at(20s)).missed.size() == 2);
  }
  CHECK_FALSE(heir.forgettable(at(20s)));
  // The key is as old as it was: its minute ends when it would have ended.
  CHECK_FALSE(heir.accept(saying("1", "a"), at(59s)).accepted);
  CHECK(heir.accept(saying("1", "a"), at(60s)).position.offset == 4);
}

TEST_CASE("room_sequencer: a publication carries its key, for those who salvage the room") {
  room_sequencer room{remembering(), "e"};
  CHECK(room.accept(saying("1", "a"), at(0s)).accepted->idempotency_key == "a");
  CHECK(room.accept(saying("2"), at(0s)).accepted->idempotency_key.empty());
  const auto past = room.past_content(at(0s));
  REQUIRE(past.tail.size() == 2);
  CHECK(past.tail[0]->idempotency_key == "a");
}

TEST_CASE(
    "room_sequencer: any run of publications is contiguous and has one of each key a window") {
  struct published {
    std::uint64_t offset;
    std::chrono::milliseconds when;
  };
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto options = remembering();
    options.dedupe_window = 500ms;
    options.publish_per_second = static_cast<std::uint32_t>(1 + random() % 300);
    options.publish_burst = static_cast<std::uint32_t>(1 + random() % 10);
    room_sequencer room{options, "e"};
    std::map<std::string, published> by_key;
    std::uint64_t last = 0;
    std::chrono::milliseconds now{0};
    for (int step = 0; step < 500; ++step) {
      now += std::chrono::milliseconds{random() % 10};
      auto d = saying("x", random() % 3 == 0 ? "" : "k" + std::to_string(random() % 20));
      d.skip_history = random() % 5 == 0;
      const auto key = d.idempotency_key;
      const bool skipped = d.skip_history;
      const auto known = by_key.find(key);
      const bool remembered = known != by_key.end() && now - known->second.when < 500ms;
      const auto got = room.accept(std::move(d), at(now));
      if (remembered) {
        REQUIRE_FALSE(got.accepted);
        REQUIRE(got.error == errc::none);
        REQUIRE(got.position == stream_position{"e", known->second.offset});
      } else if (got.error != errc::none) {
        REQUIRE(got.error == errc::too_many_requests);
        REQUIRE_FALSE(got.accepted);
      } else {
        REQUIRE(got.accepted);
        REQUIRE(got.accepted->offset == (skipped ? 0 : ++last));
        if (!key.empty())
          by_key[key] = {got.accepted->offset, now};
      }
      REQUIRE(room.past().position().offset == last);
    }
  }
}
