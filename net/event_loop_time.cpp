// event_loop, time: ticks of 100 ms, the heartbeat sweep, deadlines.
#include "net/event_loop.hpp"

#include <algorithm>

namespace argosy::net {

namespace {

constexpr std::chrono::milliseconds tick_length{100};
constexpr std::uint32_t catch_up_ticks_max =
    600; // after a longer pause the pings in between are lost

} // namespace

std::uint32_t event_loop::ticks(std::chrono::milliseconds d) const noexcept {
  const auto up = (d + tick_length - std::chrono::milliseconds{1}) / tick_length;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(up, 0)) + 1; // this tick has begun
}

void event_loop::tick() {
  const auto tick_now = static_cast<std::uint32_t>((now_ - started_) / tick_length);
  if (tick_now == tick_)
    return;
  tick_ = std::max(tick_, tick_now - std::min(tick_now, catch_up_ticks_max));
  while (tick_ != tick_now)
    heartbeat(++tick_);
  timers_.advance(tick_, [this](const timer_wheel::timer& t) {
    auto* c = slab_.find({t.slot, t.generation});
    if (c != nullptr && c->state == phase::open)
      c->handler->on_timer(t.tag);
  });
  deadlines_.advance(tick_, [this](const timer_wheel::timer& t) {
    auto* c = slab_.find({t.slot, t.generation});
    if (c != nullptr && c->state != phase::dead && c->deadline_tick == t.due_tick)
      on_deadline(*c);
  });
  check_progress();
}

// Each slot has its tick in the ping interval, so pings spread evenly and no connection needs a
// timer: a stride over the records touches only those that are due.
void event_loop::heartbeat(std::uint32_t tick) {
  const auto interval =
      std::max<std::uint32_t>(static_cast<std::uint32_t>(settings_.ping_interval / tick_length), 2);
  const auto timeout = std::clamp<std::uint32_t>(
      static_cast<std::uint32_t>(settings_.pong_timeout / tick_length), 1, interval - 1);
  const auto slots = slab_.slots();
  for (auto slot = (tick + interval - timeout) % interval; slot < slots; slot += interval) {
    auto& c = slab_.at(slot);
    if (c.pinged && c.state == phase::open) {
      c.pinged = false;
      c.handler->on_pong_due();
    }
  }
  for (auto slot = tick % interval; slot < slots; slot += interval) {
    auto& c = slab_.at(slot);
    if (c.state == phase::open) {
      c.pinged = true;
      c.handler->on_ping_due();
    }
  }
}

// An engine bound for long belongs to a peer that stalls inside a frame.
void event_loop::check_progress() {
  const auto patience = ticks(settings_.progress_deadline);
  for (auto* e = engines_->oldest(); e != nullptr && tick_ - e->busy_since_tick > patience;
       e = engines_->oldest()) {
    auto& c = *e->bound_to();
    stats_.deadlines.add();
    end(c, 1006, "stalled inside a frame", false);
  }
}

void event_loop::set_deadline(connection& c, std::chrono::milliseconds after) {
  c.progressed = false;
  c.deadline_tick = tick_ + ticks(after);
  deadlines_.set({c.slot, c.generation, 0, c.deadline_tick});
}

void event_loop::on_deadline(connection& c) {
  // A slow reader of a long HTTP answer is served on as long as it reads.
  if (c.progressed && !output_.idle(c)
      && (c.state == phase::request || c.state == phase::idle || c.state == phase::lingering))
    return set_deadline(c, settings_.close_deadline);
  if (c.state == phase::idle)
    return linger(c);
  stats_.deadlines.add();
  if (c.state == phase::closing)
    return end(c, c.close_code, "no answer to the close frame", false);
  end(c, 1006, "deadline", false);
}

} // namespace argosy::net
