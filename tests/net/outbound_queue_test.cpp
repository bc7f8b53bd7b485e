#include "runtime/core/outbound_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace argosy {

namespace {

using verdict = outbound_queue::verdict;

constexpr auto lane_named = [](std::size_t i) { return static_cast<lane>(i); };

frame bytes(std::string_view text) {
  return frame::copy_of(text);
}

outbound_limits roomy(overflow_policy policy = overflow_policy::disconnect) {
  outbound_limits l;
  for (auto& lane : l.lanes)
    lane.policy = policy;
  return l;
}

// Everything that is queued, taken out `step` bytes at a time.
std::string drain(outbound_queue& q, std::size_t step = 1'000'000) {
  std::string out;
  std::array<chunk, 4> chunks;
  while (!q.empty()) {
    std::string offered;
    for (std::size_t i = 0, n = q.gather(chunks); i < n; ++i)
      offered.append(chunks[i].data, chunks[i].size);
    const auto taken = std::min(step, offered.size());
    out += offered.substr(0, taken);
    q.consume(taken);
  }
  return out;
}

} // namespace

TEST_CASE("outbound_queue: higher lanes leave first, and order holds inside a lane") {
  outbound_queue q;
  const auto limits = roomy();
  q.push(limits, lane::event, bytes("e1"));
  q.push(limits, lane::direct, bytes("d1"));
  q.push(limits, lane::event, bytes("e2"));
  q.push(limits, lane::control, bytes("c1"));
  q.push(limits, lane::ack, bytes("a1"));
  CHECK(q.bytes() == 10);
  CHECK(drain(q) == "c1a1d1e1e2");
}

TEST_CASE("outbound_queue: a frame that has begun is finished before a higher lane may write") {
  outbound_queue q;
  const auto limits = roomy();
  q.push(limits, lane::event, bytes("event"));
  CHECK(q.consume(2) == 0);
  q.push(limits, lane::control, bytes("ping"));
  CHECK(q.bytes() == 7);
  CHECK(drain(q, 1) == "entping");
}

TEST_CASE("outbound_queue: counts the frames that have left completely") {
  outbound_queue q;
  const auto limits = roomy();
  for (const auto* text : {"aa", "bb", "cc"})
    q.push(limits, lane::direct, bytes(text));
  CHECK(q.consume(3) == 1);
  CHECK(q.consume(1) == 1);
  CHECK(q.consume(2) == 1);
  CHECK(q.empty());
}

TEST_CASE("outbound_queue: refuses the frame that would cross the byte bound") {
  outbound_queue q;
  auto limits = roomy();
  limits.lanes[3].bytes_max = 4;
  CHECK(q.push(limits, lane::event, bytes("1234")).what == verdict::queued);
  CHECK(q.push(limits, lane::event, bytes("5")).what == verdict::refused);
  CHECK(q.push(limits, lane::direct, bytes("other lane")).what == verdict::queued);
  CHECK(drain(q) == "other lane1234");
}

TEST_CASE("outbound_queue: the total bound counts all lanes and what is partly written") {
  outbound_queue q;
  auto limits = roomy();
  limits.total_bytes_max = 6;
  q.push(limits, lane::direct, bytes("123456"));
  q.consume(2);
  CHECK(q.push(limits, lane::control, bytes("789")).what == verdict::refused);
  CHECK(q.push(limits, lane::control, bytes("78")).what == verdict::queued);
}

TEST_CASE("outbound_queue: a lane whose head is too old is over its budget") {
  outbound_queue q;
  auto limits = roomy();
  limits.lanes[3].age_max = std::chrono::milliseconds{100};
  q.push(limits, lane::event, bytes("old"), 0, 1000);
  CHECK(q.push(limits, lane::event, bytes("ok"), 0, 1100).what == verdict::queued);
  CHECK(q.push(limits, lane::event, bytes("no"), 0, 1101).what == verdict::refused);
  limits.lanes[3].policy = overflow_policy::drop_oldest;
  const auto result = q.push(limits, lane::event, bytes("new"), 0, 1150);
  CHECK(result.what == verdict::dropped);
  CHECK(result.frames_lost == 1);
  CHECK(drain(q) == "oknew");
}

TEST_CASE("outbound_queue: drop_oldest makes room but never tears the frame that has begun") {
  outbound_queue q;
  auto limits = roomy(overflow_policy::drop_oldest);
  limits.lanes[3].bytes_max = 6;
  q.push(limits, lane::event, bytes("aaa"));
  q.push(limits, lane::event, bytes("bbb"));
  q.consume(1);
  const auto result = q.push(limits, lane::event, bytes("cccc"));
  CHECK(result.what == verdict::dropped);
  CHECK(result.frames_lost == 1);
  CHECK(drain(q) == "aacccc");
}

TEST_CASE("outbound_queue: drop_new loses the newcomer") {
  outbound_queue q;
  auto limits = roomy(overflow_policy::drop_new);
  limits.lanes[3].bytes_max = 3;
  q.push(limits, lane::event, bytes("aaa"));
  CHECK(q.push(limits, lane::event, bytes("b")).what == verdict::dropped);
  CHECK(drain(q) == "aaa");
}

TEST_CASE("outbound_queue: a frame larger than its lane is dropped, not queued") {
  outbound_queue q;
  auto limits = roomy(overflow_policy::drop_oldest);
  limits.lanes[3].bytes_max = 3;
  q.push(limits, lane::event, bytes("a"));
  const auto result = q.push(limits, lane::event, bytes("bbbb"));
  CHECK(result.what == verdict::dropped);
  CHECK(result.frames_lost == 2);
  CHECK(q.empty());
}

TEST_CASE("outbound_queue: conflation replaces in place, for few keys and for many") {
  outbound_queue q;
  const auto limits = roomy(overflow_policy::conflate);
  const int keys = 200;
  for (int round = 0; round < 3; ++round)
    for (int key = 1; key <= keys; ++key) {
      const auto f = bytes(std::to_string(key) + (round == 2 ? "!" : "?") + " ");
      CHECK(q.push(limits, lane::latest, f, static_cast<std::uint64_t>(key)).what
            == (round == 0 ? verdict::queued : verdict::conflated));
    }
  std::string expected;
  for (int key = 1; key <= keys; ++key)
    expected += std::to_string(key) + "! ";
  CHECK(q.bytes() == expected.size());
  CHECK(drain(q, 7) == expected);
}

TEST_CASE("outbound_queue: a value that has begun on the wire is not replaced") {
  outbound_queue q;
  const auto limits = roomy(overflow_policy::conflate);
  q.push(limits, lane::latest, bytes("old"), 7);
  q.consume(1);
  CHECK(q.push(limits, lane::latest, bytes("new"), 7).what == verdict::queued);
  CHECK(drain(q) == "ldnew");
}

TEST_CASE("outbound_queue: the last frame goes behind all others and closes the door") {
  outbound_queue q;
  const auto limits = roomy();
  q.push(limits, lane::event, bytes("data"));
  q.seal(bytes("close"));
  CHECK(q.push(limits, lane::control, bytes("late")).what == verdict::sealed);
  CHECK(drain(q, 3) == "dataclose");
}

TEST_CASE("outbound_queue: takes the compressed twin where it was negotiated") {
  outbound_queue q;
  q.reset(true);
  const auto limits = roomy();
  q.push(limits, lane::event, bytes("a long text").with_deflated(bytes("short")));
  q.push(limits, lane::event, bytes("plain only"));
  CHECK(drain(q, 4) == "shortplain only");
}

TEST_CASE("outbound_queue: reset leaves nothing of the former owner") {
  outbound_queue q;
  const auto limits = roomy();
  q.push(limits, lane::event, bytes("aaaa"));
  q.consume(1);
  q.seal(bytes("x"));
  q.reset(false);
  CHECK(q.empty());
  q.append(lane::control, bytes("half gone"), 5);
  q.push(limits, lane::event, bytes("b"));
  CHECK(drain(q) == "goneb");
}

// Against the obvious model: a sorted list of (lane, arrival) with one frame possibly begun.
TEST_CASE(
    "outbound_queue: any mix of pushes and partial writes yields whole frames in lane order") {
  std::mt19937 random{20'241};
  for (int round = 0; round < 200; ++round) {
    outbound_queue q;
    const auto limits = roomy();
    std::array<std::string, lane_count> model;
    std::string begun;
    std::string out;
    std::string expected;
    const auto take = [&](std::size_t n) {
      while (n > 0) {
        if (begun.empty())
          for (auto& lane : model)
            if (!lane.empty()) {
              begun = lane.substr(0, lane.find('|') + 1);
              lane.erase(0, begun.size());
              break;
            }
        const auto part = std::min(n, begun.size());
        expected += begun.substr(0, part);
        begun.erase(0, part);
        n -= part;
      }
    };
    for (int step = 0; step < 300; ++step) {
      if (random() % 2 == 0) {
        const auto in = random() % lane_count;
        const auto text =
            std::to_string(in) + "-" + std::to_string(step) + std::string(random() % 40, '.') + "|";
        q.push(limits, lane_named(in), bytes(text));
        model[in] += text;
      } else if (!q.empty()) {
        std::array<chunk, 3> chunks;
        std::string offered;
        for (std::size_t i = 0, n = q.gather(chunks); i < n; ++i)
          offered.append(chunks[i].data, chunks[i].size);
        const auto n = 1 + random() % offered.size();
        out += offered.substr(0, n);
        q.consume(n);
        take(n);
      }
    }
    const auto rest = q.bytes();
    out += drain(q, 11);
    take(rest);
    REQUIRE(out == expected);
  }
}

} // namespace argosy
