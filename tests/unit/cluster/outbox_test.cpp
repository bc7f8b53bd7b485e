// outbox: priority, batches, the window, and who gives way when a peer is slow.
#include "runtime/cluster/outbox.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

using argosy::cluster::envelope_overhead;
using argosy::cluster::link_lane;
using argosy::cluster::message_class;
using argosy::cluster::outbox;
using argosy::cluster::outbox_settings;
using argosy::cluster::shared_bytes;
using argosy::testing::at;
using namespace std::chrono_literals;

namespace {

shared_bytes text(std::string s) {
  return std::make_shared<const std::string>(std::move(s));
}

shared_bytes sized(std::size_t n) {
  return text(std::string(n, 'x'));
}

std::string joined(const outbox::batch& b) {
  std::string out;
  for (const auto& e : b.envelopes)
    out += *e.bytes;
  return out;
}

std::uint64_t lost(const outbox& o, outbox::loss why) {
  return o.counts().lost[static_cast<std::size_t>(why)];
}

bool book_is_right(const outbox& o) {
  const auto& c = o.counts();
  return c.pushed
         == c.taken + std::accumulate(c.lost.begin(), c.lost.end(), std::uint64_t{0}) + o.queued();
}

constexpr auto must = message_class::must_deliver;

} // namespace

TEST_CASE("outbox: a higher lane goes first, and order holds inside a lane") {
  outbox o;
  o.push(link_lane::bulk, must, 0, text("e"));
  o.push(link_lane::latest, must, 0, text("d"));
  o.push(link_lane::event, must, 0, text("c1"));
  o.push(link_lane::control, must, 0, text("a"));
  o.push(link_lane::event, must, 0, text("c2"));
  o.push(link_lane::ack, must, 0, text("b"));
  const auto b = o.take_batch(at(0s));
  CHECK(joined(b) == "abc1c2de");
  CHECK(b.sequence == 1);
  CHECK(b.bytes == 8);
  CHECK(o.queued() == 0);
  CHECK(o.backlog() == 0);
}

TEST_CASE("outbox: goes at once when idle, else after the interval or with a full batch") {
  outbox o;
  CHECK_FALSE(o.next_flush_at().has_value());
  o.push(link_lane::event, must, 0, text("a"));
  CHECK(o.next_flush_at().value() < at(0s));
  CHECK(joined(o.take_batch(at(0s))) == "a");
  CHECK_FALSE(o.next_flush_at().has_value());
  CHECK(o.take_batch(at(0s)).sequence == 0);

  o.push(link_lane::event, must, 0, text("b"));
  CHECK(o.next_flush_at().value() == at(2ms));
  o.push(link_lane::event, must, 0, sized(64 << 10));
  CHECK(o.next_flush_at().value() == at(0s));
  CHECK(joined(o.take_batch(at(1ms))) == "b"); // the large one does not fit beside it
  CHECK(o.take_batch(at(1ms)).bytes == 64 << 10);

  for (int i = 0; i < 256; ++i)
    o.push(link_lane::event, must, 0, text("."));
  CHECK(o.next_flush_at().value() == at(1ms));
}

TEST_CASE("outbox: a batch holds 64 KiB or 256 envelopes, and one larger envelope goes alone") {
  outbox o;
  for (int i = 0; i < 300; ++i)
    o.push(link_lane::event, must, 0, sized(1));
  CHECK(o.take_batch(at(0s)).envelopes.size() == 256);
  CHECK(o.take_batch(at(0s)).envelopes.size() == 44);
  for (int i = 0; i < 5; ++i)
    o.push(link_lane::event, must, 0, sized(20 << 10));
  CHECK(o.take_batch(at(0s)).envelopes.size() == 3);
  o.push(link_lane::ack, must, 0, sized(1 << 20));
  CHECK(o.take_batch(at(0s)).bytes == 1 << 20);
  CHECK(o.take_batch(at(0s)).envelopes.size() == 2);
}

TEST_CASE(
    "outbox: one batch in sixteen begins at a low lane, in turn, of a link that never rests") {
  outbox_settings s;
  s.window_bytes = 1 << 30;
  outbox o{s};
  for (int i = 0; i < 3; ++i) {
    o.push(link_lane::bulk, must, 0, sized(64 << 10));
    o.push(link_lane::latest, must, 0, sized(64 << 10));
  }
  std::string first;
  for (int i = 1; i <= 64; ++i) {
    for (int k = 0; k < 4; ++k)
      o.push(link_lane::event, must, 0, sized(20 << 10));
    first += "-aelb"[static_cast<std::size_t>(o.take_batch(at(0s)).envelopes.front().lane)];
  }
  const std::string fifteen(15, 'e');
  CHECK(first == fifteen + 'b' + fifteen + 'l' + fifteen + 'e' + fifteen + 'b');
}

TEST_CASE("outbox: no more is under way than the window, but control and acks have a reserve") {
  outbox_settings s;
  s.window_bytes = 1000;
  s.window_reserve_bytes = 200;
  outbox o{s};
  for (int i = 0; i < 4; ++i)
    o.push(link_lane::event, must, 0, sized(400));
  CHECK(o.take_batch(at(0s)).bytes == 800);
  CHECK_FALSE(o.next_flush_at().has_value());
  CHECK(o.take_batch(at(0s)).sequence == 0);
  for (int i = 0; i < 7; ++i)
    o.push(link_lane::ack, must, 0, sized(50));
  CHECK(o.next_flush_at().has_value());
  CHECK(o.take_batch(at(0s)).bytes == 300); // up to half of the reserve
  CHECK_FALSE(o.next_flush_at().has_value());
  o.push(link_lane::control, must, 0, sized(100));
  CHECK(o.take_batch(at(0s)).bytes == 100);
  CHECK(o.in_flight() == 1200);
  CHECK(o.acked(800));
  CHECK(o.in_flight() == 400);
  CHECK(o.take_batch(at(0s)).bytes == 450); // the last ack, and one event
  CHECK(o.acked(400));                      // old news
  CHECK(o.in_flight() == 850);
  CHECK_FALSE(o.acked(1651));
  CHECK(o.acked(1650));
  CHECK(o.in_flight() == 0);
}

TEST_CASE("outbox: a large envelope whose turn it is does not starve behind small ones") {
  outbox_settings s;
  s.window_bytes = 1000;
  s.batch_bytes_max = 100;
  s.fair_turn = 4;
  outbox o{s};
  o.push(link_lane::bulk, must, 0, sized(900));
  std::vector<std::size_t> flying;
  std::uint64_t handled = 0;
  bool gone = false;
  for (int step = 0; step < 100 && !gone; ++step) {
    for (int i = 0; i < 4; ++i)
      o.push(link_lane::event, must, 0, sized(100));
    while (o.next_flush_at()) {
      const auto b = o.take_batch(at(0s));
      flying.push_back(b.bytes);
      gone = gone || b.bytes == 900;
    }
    handled += flying.front();
    flying.erase(flying.begin());
    REQUIRE(o.acked(handled));
  }
  CHECK(gone);
}

TEST_CASE("outbox: a new link epoch counts anew and keeps what waits") {
  outbox o;
  o.push(link_lane::event, must, 0, text("a"));
  CHECK(o.take_batch(at(0s)).sequence == 1);
  o.push(link_lane::event, must, 0, text("b"));
  o.restart();
  CHECK(o.in_flight() == 0);
  const auto b = o.take_batch(at(0s));
  CHECK(b.sequence == 1);
  CHECK(joined(b) == "b");
}

TEST_CASE("outbox: what must be delivered is refused when there is no room, never dropped") {
  outbox_settings s;
  s.backlog_bytes_max = 3 * (100 + envelope_overhead);
  s.backlog_reserve_bytes = 100 + envelope_overhead;
  s.envelope_bytes_max = 200;
  outbox o{s};
  for (int i = 0; i < 3; ++i)
    CHECK(o.push(link_lane::event, must, 0, sized(100)) == outbox::verdict::queued);
  CHECK(o.push(link_lane::event, must, 0, sized(100)) == outbox::verdict::full);
  CHECK(o.push(link_lane::event, must, 0, sized(201)) == outbox::verdict::too_large);
  CHECK(o.push(link_lane::ack, must, 0, sized(100)) == outbox::verdict::queued);
  CHECK(o.push(link_lane::control, must, 0, sized(100)) == outbox::verdict::full);
  CHECK(o.queued() == 4);
  CHECK(lost(o, outbox::loss::refused) == 3);
  CHECK(book_is_right(o));
}

TEST_CASE("outbox: the newest of a key takes the place of the queued one, in its lane only") {
  outbox o;
  const auto newest = message_class::conflate;
  o.push(link_lane::latest, newest, 7, text("old"));
  o.push(link_lane::latest, newest, 8, text("b"));
  o.push(link_lane::latest, newest, 0, text("c"));
  o.push(link_lane::latest, newest, 0, text("d"));
  o.push(link_lane::event, newest, 7, text("e"));
  CHECK(o.push(link_lane::latest, newest, 7, text("a")) == outbox::verdict::replaced);
  CHECK(joined(o.take_batch(at(0s))) == "eabcd");
  CHECK(o.push(link_lane::latest, newest, 7, text("f")) == outbox::verdict::queued);
  CHECK(lost(o, outbox::loss::replaced) == 1);
  CHECK(book_is_right(o));
}

TEST_CASE("outbox: the oldest that may be dropped makes room in its own lane, if that is enough") {
  outbox_settings s;
  s.backlog_bytes_max = 4 * (100 + envelope_overhead);
  outbox o{s};
  const auto named = [](char c) { return text(std::string(100, c)); };
  o.push(link_lane::latest, must, 0, named('a'));
  o.push(link_lane::latest, message_class::drop_old, 0, named('b'));
  o.push(link_lane::latest, message_class::conflate, 1, named('c'));
  o.push(link_lane::bulk, message_class::drop_old, 0, named('d'));
  CHECK(o.push(link_lane::event, message_class::drop_old, 0, named('e'))
        == outbox::verdict::dropped);
  CHECK(o.push(link_lane::latest, message_class::drop_old, 0, sized(2000))
        == outbox::verdict::dropped);
  CHECK(o.push(link_lane::latest, message_class::drop_old, 0, named('f'))
        == outbox::verdict::queued);
  CHECK(o.push(link_lane::latest, message_class::conflate, 1, named('C'))
        == outbox::verdict::replaced);
  std::string seen;
  for (const auto& e : o.take_batch(at(0s)).envelopes)
    seen += e.bytes->front();
  CHECK(seen == "aCfd");
  CHECK(lost(o, outbox::loss::overflow) == 3);
  CHECK(book_is_right(o));
}

TEST_CASE("outbox: a room that lags loses its queue, is reported once, and comes back by resume") {
  outbox_settings s;
  s.backlog_bytes_max = 4 * (10 + envelope_overhead);
  s.lagging_keys_max = 2;
  outbox o{s};
  const auto lag = message_class::lag;
  const auto push = [&](std::uint64_t room) {
    return o.push(link_lane::event, lag, room, sized(10));
  };
  for (const std::uint64_t room : {1U, 2U, 1U, 1U})
    CHECK(push(room) == outbox::verdict::queued);
  CHECK(push(1) == outbox::verdict::lagging);
  CHECK(o.is_lagging(1));
  CHECK(o.queued() == 1); // room 2 keeps its place
  CHECK(push(1) == outbox::verdict::lagging);
  CHECK(o.take_lagging() == std::vector<std::uint64_t>{1});
  CHECK(push(1) == outbox::verdict::lagging);
  CHECK(o.take_lagging().empty());
  o.resume(1);
  CHECK(push(1) == outbox::verdict::queued);
  for (int i = 0; i < 2; ++i)
    push(2);
  CHECK(push(3) == outbox::verdict::lagging); // nothing of its own to drop
  CHECK(push(1) == outbox::verdict::lagging);
  for (int i = 0; i < 2; ++i)
    push(2);
  CHECK(push(2) == outbox::verdict::full); // two rooms lag already
  CHECK(o.take_lagging() == std::vector<std::uint64_t>{3, 1});
  CHECK(lost(o, outbox::loss::lagging) == 4 + 2 + 1 + 2);
  CHECK(book_is_right(o));
}

TEST_CASE("outbox: closing gives everything back in order and leaves the book right") {
  outbox o;
  o.push(link_lane::bulk, must, 0, text("b"));
  o.push(link_lane::control, message_class::drop_old, 5, text("a"));
  o.push(link_lane::event, message_class::lag, 9, text("r"));
  const auto rest = o.close();
  REQUIRE(rest.size() == 3);
  CHECK(*rest[0].bytes == "a");
  CHECK(rest[0].policy == message_class::drop_old);
  CHECK(rest[1].key == 9);
  CHECK(*rest[2].bytes == "b");
  CHECK(lost(o, outbox::loss::closed) == 3);
  CHECK(o.backlog() == 0);
  CHECK(book_is_right(o));
}
