// outbox, against a plain model that keeps one list and counts with its fingers, and against a peer
// that never answers.
#include "runtime/cluster/inbox_window.hpp"
#include "runtime/cluster/outbox.hpp"
#include "tests/unit/core/instant.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

using argosy::cluster::envelope_overhead;
using argosy::cluster::inbox_window;
using argosy::cluster::link_lane;
using argosy::cluster::message_class;
using argosy::cluster::outbox;
using argosy::cluster::outbox_settings;
using argosy::cluster::shared_bytes;
using argosy::testing::at;
using verdict = outbox::verdict;

namespace {

shared_bytes numbered(std::uint64_t number, std::size_t size) {
  auto s = std::to_string(number);
  s.resize(std::max(size, s.size()), '.');
  return std::make_shared<const std::string>(std::move(s));
}

bool droppable(const outbox::envelope& e) {
  return e.policy == message_class::conflate || e.policy == message_class::drop_old;
}

/// The queue as one list in order of arrival.
struct plain_outbox {
  outbox_settings settings;
  std::vector<outbox::envelope> list;
  std::set<std::uint64_t> lagging;
  std::uint64_t lost = 0;

  std::size_t limit(link_lane lane) const {
    return settings.backlog_bytes_max
           + (lane <= link_lane::ack ? settings.backlog_reserve_bytes : 0);
  }
  std::size_t cost() const {
    std::size_t sum = 0;
    for (const auto& e : list)
      sum += e.bytes->size() + envelope_overhead;
    return sum;
  }
  template <class Which>
  void drop_all(Which which) {
    lost += std::erase_if(list, which);
  }

  verdict push(outbox::envelope e) {
    if (e.policy == message_class::lag && lagging.contains(e.key))
      return ++lost, verdict::lagging;
    const auto size = e.bytes->size() + envelope_overhead;
    if (e.policy == message_class::conflate && e.key != 0) {
      const auto same = std::find_if(list.begin(), list.end(), [&](const auto& q) {
        return q.policy == e.policy && q.key == e.key && q.lane == e.lane;
      });
      if (same != list.end()) {
        ++lost;
        const auto grown = cost() + e.bytes->size() - same->bytes->size();
        if (e.bytes->size() <= same->bytes->size() || grown <= limit(e.lane)) {
          same->bytes = e.bytes;
          return verdict::replaced;
        }
        list.erase(same);
      }
    }
    if (cost() + size > limit(e.lane))
      if (const auto refused = no_room(e, size); refused != verdict::queued)
        return refused;
    list.push_back(e);
    return verdict::queued;
  }

  verdict no_room(const outbox::envelope& e, std::size_t size) {
    ++lost;
    if (e.policy == message_class::must_deliver)
      return verdict::full;
    if (e.policy == message_class::lag) {
      drop_all([&](const auto& q) {
        return q.policy == message_class::lag && q.key == e.key && q.lane == e.lane;
      });
      lagging.insert(e.key);
      return verdict::lagging;
    }
    auto without = *this;
    std::erase_if(without.list, [&](const auto& q) { return droppable(q) && q.lane == e.lane; });
    if (without.cost() + size > limit(e.lane))
      return verdict::dropped;
    --lost;
    while (cost() + size > limit(e.lane)) {
      ++lost;
      list.erase(std::find_if(list.begin(), list.end(),
                              [&](const auto& q) { return droppable(q) && q.lane == e.lane; }));
    }
    return verdict::queued;
  }

  /// What a batch may begin with: the first of a lane.
  std::vector<outbox::envelope>::iterator first_of(link_lane lane) {
    return std::find_if(list.begin(), list.end(), [&](const auto& q) { return q.lane == lane; });
  }
};

void check_batch(plain_outbox& model, const outbox::batch& b, const outbox_settings& s) {
  REQUIRE(b.envelopes.size() <= s.batch_envelopes_max);
  REQUIRE((b.envelopes.size() == 1 || b.bytes <= s.batch_bytes_max));
  std::size_t out_of_order = 0;
  for (std::size_t i = 0; i < b.envelopes.size(); ++i) {
    const auto& e = b.envelopes[i];
    const auto first = model.first_of(e.lane);
    REQUIRE(first != model.list.end());
    REQUIRE(first->bytes == e.bytes); // in order inside its lane
    if (i > 0 && e.lane < b.envelopes[i - 1].lane)
      ++out_of_order; // once, behind the lane whose turn it was
    model.list.erase(first);
  }
  REQUIRE(out_of_order <= 1);
}

} // namespace

TEST_CASE("outbox: agrees with a plain model, whatever is pushed, taken and acknowledged") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    outbox_settings s;
    s.batch_bytes_max = 400;
    s.batch_envelopes_max = 8;
    s.window_bytes = 1500;
    s.window_reserve_bytes = 200;
    s.backlog_bytes_max = 20 * (60 + envelope_overhead);
    s.backlog_reserve_bytes = 3 * (60 + envelope_overhead);
    s.fair_turn = 5;
    outbox o{s};
    plain_outbox model{s, {}, {}, 0};
    std::uint64_t sent = 0;
    std::uint64_t handled = 0;
    for (std::uint64_t step = 1; step <= 400; ++step) {
      const auto dice = random() % 20;
      if (dice < 14) {
        outbox::envelope e{static_cast<link_lane>(random() % 5),
                           static_cast<message_class>(random() % 4), random() % 4,
                           numbered(step, random() % 200)};
        REQUIRE(o.push(e.lane, e.policy, e.key, e.bytes) == model.push(e));
      } else if (dice < 17) {
        const bool expected = o.next_flush_at().has_value();
        const auto b = o.take_batch(at(std::chrono::milliseconds(step)));
        REQUIRE((b.sequence > 0) == expected);
        check_batch(model, b, s);
        sent += b.bytes;
        REQUIRE(sent - handled <= s.window_bytes + s.window_reserve_bytes);
      } else if (dice < 19) {
        handled += random() % (sent - handled + 1);
        REQUIRE(o.acked(handled));
      } else if (!model.lagging.empty()) {
        const auto key = *model.lagging.begin();
        model.lagging.erase(key);
        o.resume(key);
      }
      REQUIRE(o.queued() == model.list.size());
      REQUIRE(o.backlog() == model.cost());
      const auto& c = o.counts();
      const auto lost = std::accumulate(c.lost.begin(), c.lost.end(), std::uint64_t{0});
      REQUIRE(lost == model.lost);
      REQUIRE(c.pushed == c.taken + lost + o.queued());
    }
  }
}

TEST_CASE("outbox: memory stays bounded while a peer is frozen, and nothing is lost in silence") {
  outbox o;
  std::mt19937 random{42};
  const outbox_settings s;
  std::uint64_t taken = 0;
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    const auto lane = static_cast<link_lane>(random() % 5);
    const auto policy = static_cast<message_class>(random() % 4);
    o.push(lane, policy, random() % 1000, numbered(i, random() % 1024));
    while (o.next_flush_at() && *o.next_flush_at() <= at(std::chrono::microseconds(i)))
      taken += o.take_batch(at(std::chrono::microseconds(i))).envelopes.size();
    REQUIRE(o.backlog() <= s.backlog_bytes_max + s.backlog_reserve_bytes);
    REQUIRE(o.in_flight() <= s.window_bytes + s.window_reserve_bytes);
  }
  const auto& c = o.counts();
  CHECK(c.taken == taken);
  CHECK(c.pushed == 300'000);
  CHECK(c.pushed
        == taken + std::accumulate(c.lost.begin(), c.lost.end(), std::uint64_t{0}) + o.queued());
  CHECK(o.backlog() > s.backlog_bytes_max / 2); // it did fill up
  CHECK(o.take_lagging().size() == 1000);
}

TEST_CASE("outbox: two ends that are full in both directions free each other") {
  outbox_settings s;
  s.window_bytes = 2000;
  s.window_reserve_bytes = 400;
  s.envelope_bytes_max = 2000;
  struct end {
    outbox out;
    inbox_window in;
    std::uint64_t delivered = 0;
  };
  std::mt19937 random{7};
  std::vector<end> ends;
  for (int i = 0; i < 2; ++i)
    ends.push_back({outbox{s}, inbox_window{1, {s.window_bytes, s.window_reserve_bytes}}});
  constexpr std::uint64_t each = 500;
  for (auto& e : ends)
    for (std::uint64_t i = 0; i < each; ++i)
      REQUIRE(e.out.push(static_cast<link_lane>(random() % 5), message_class::must_deliver, 0,
                         numbered(i, random() % 2000))
              == verdict::queued);
  for (int round = 0; round < 5000 && ends[0].out.queued() + ends[1].out.queued() > 0; ++round)
    for (std::size_t from = 0; from < 2; ++from) {
      auto& here = ends[from];
      auto& there = ends[1 - from];
      const auto b = here.out.take_batch(at(std::chrono::milliseconds(round)));
      if (b.sequence > 0) {
        REQUIRE(there.in.arrived(1, b.sequence, b.bytes) == inbox_window::verdict::fresh);
        there.in.handled(b.bytes);
        there.delivered += b.envelopes.size();
      }
      if (const auto credit = there.in.take_credit(b.sequence == 0))
        REQUIRE(here.out.acked(*credit));
    }
  CHECK(ends[0].delivered == each);
  CHECK(ends[1].delivered == each);
}
