#include "bench/chaos/crowd.hpp"

#include "bench/chaos/fleet.hpp"
#include "bench/chaos/visitor.hpp"

#include <algorithm>
#include <utility>

namespace argosy::bench::chaos {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds entry_patience{1'500}; // then the next node is tried
constexpr milliseconds again{25};
constexpr std::uint32_t spread_ms = 50; // people that are cut off do not come back all at once

instant now() {
  return std::chrono::steady_clock::now();
}

} // namespace

crowd::crowd(boost::asio::io_context& io, crowd_plan plan, door to)
    : io_(io), plan_(std::move(plan)), to_(std::move(to)),
      ledger_(plan_.rooms, plan_.listeners * 2) {
  for (std::size_t i = 0; i < plan_.listeners; ++i) {
    auto& l = *listeners_.emplace_back(std::make_unique<listener>(io_));
    l.number = i;
    l.home = i % plan_.homes.size();
    l.rooms = {i / plan_.homes.size() % plan_.rooms, (i / plan_.homes.size() + 1) % plan_.rooms};
    l.positions.resize(l.rooms.size());
    connect(l);
  }
  for (std::size_t i = 0; i < plan_.rooms; ++i) {
    auto& s = *speakers_.emplace_back(std::make_unique<speaker>(io_));
    s.number = i;
    s.home = i % plan_.homes.size();
    connect(s);
  }
}

crowd::~crowd() = default;

std::string crowd::room(std::size_t n) const {
  return std::string(fleet::room_namespace) + ":" + plan_.phase + "-" + std::to_string(n);
}

client::options crowd::options_for(const person& p) const {
  return visitor(to_(plan_.homes[p.home]), "person-" + std::to_string(p.number));
}

// -- coming and going -----------------------------------------------------------------------------

/// To the next node that is there, in a moment: never from within a callback of the line itself.
template <class Person>
void crowd::move(Person& p) {
  if (std::exchange(p.moving, true))
    return;
  random_ = random_ * 1'664'525U + 1'013'904'223U;
  p.wait.expires_after(milliseconds(1 + (random_ >> 16) % spread_ms));
  p.wait.async_wait([this, &p](boost::system::error_code stopped) {
    if (stopped)
      return;
    p.moving = false;
    for (std::size_t tried = 0; tried < plan_.homes.size(); ++tried) {
      p.home = (p.home + 1) % plan_.homes.size();
      if (to_(plan_.homes[p.home]) != 0)
        break;
    }
    connect(p);
  });
}

void crowd::connect(listener& l) {
  for (std::size_t i = 0; l.line && i < l.rooms.size(); ++i)
    if (auto at = l.line->position(room(l.rooms[i])))
      l.positions[i] = std::move(at);
  l.in = 0;
  l.line = std::make_unique<client::client>(
      io_, options_for(l),
      client::events{.on_disconnected = [this, &l](const client::disconnected&) {
        if (l.in > 0 || l.back_at > l.cut_at)
          l.cut_at = now();
        move(l);
      }});
  for (std::size_t i = 0; i < l.rooms.size(); ++i)
    listen(l, i);
  l.line->connect();
  l.wait.expires_after(entry_patience);
  l.wait.async_wait([this, &l](boost::system::error_code stopped) {
    if (!stopped && l.in < l.rooms.size())
      move(l);
  });
}

void crowd::listen(listener& l, std::size_t place) {
  const auto at = l.rooms[place];
  client::subscription_events events;
  events.on_subscribed = [this, &l, place, at](const subscribe_result& r) {
    ledger_.subscribed(seat(l, place), at, {r.epoch, r.offset}, r.recovered);
    if (++l.in == l.rooms.size())
      l.back_at = now();
  };
  events.on_publication = [this, &l, place, at](const publication& p) {
    ledger_.heard(seat(l, place), at, p.offset, word_in(p.data), now());
  };
  events.on_gap = [this, &l, place](const gap_push& g) {
    ledger_.told_of_gap(seat(l, place), g.to);
  };
  events.on_unsubscribed = [this, &l](std::uint32_t, std::string_view) { move(l); };
  client::subscribe_options how;
  how.recoverable = true;
  how.positioned = true;
  how.since = l.positions[place];
  l.line->subscribe(room(at), how, std::move(events));
}

void crowd::connect(speaker& s) {
  s.busy = false;
  s.line = std::make_unique<client::client>(
      io_, options_for(s),
      client::events{.on_connected = [this, &s](const connect_result&) { say_later(s, again); },
                     .on_disconnected = [this, &s](const client::disconnected&) { move(s); }});
  s.line->connect();
  s.wait.expires_after(entry_patience);
  s.wait.async_wait([this, &s](boost::system::error_code stopped) {
    if (!stopped && !s.line->connected())
      move(s);
  });
}

// -- speaking -------------------------------------------------------------------------------------

void crowd::talk() {
  talking_ = true;
  for (auto& s : speakers_)
    if (s->line->connected())
      say_later(*s, again);
}

void crowd::hush() {
  talking_ = false;
}

bool crowd::quiet() const {
  return std::all_of(speakers_.begin(), speakers_.end(),
                     [](const auto& s) { return s->first_try && !s->busy; });
}

void crowd::say_later(speaker& s, milliseconds wait) {
  if (s.moving)
    return;
  s.wait.expires_after(wait);
  s.wait.async_wait([this, &s](boost::system::error_code stopped) {
    if (!stopped)
      say(s);
  });
}

/// A word that nobody has acknowledged is said again, with the same key, even after `hush`.
void crowd::say(speaker& s) {
  if (s.busy || (!talking_ && s.first_try))
    return;
  if (std::exchange(s.first_try, false))
    ledger_.said(s.number, s.next, now());
  s.busy = true;
  client::publish_options how;
  how.idempotency_key = std::to_string(s.next);
  s.line->publish(
      room(s.number), std::to_string(s.next),
      [this, &s](const client::outcome<publish_result>& answer) { answered(s, answer); }, how);
}

void crowd::answered(speaker& s, const client::outcome<publish_result>& answer) {
  s.busy = false;
  if (answer) {
    ledger_.acked(s.number, s.next++, {answer->epoch, answer->offset}, now());
    s.first_try = true;
    return say_later(s, plan_.pace);
  }
  ++refusals_;
  if (answer.error.code == client::error_timeout)
    move(s); // a node that hangs
  else if (s.line->connected())
    say_later(s, again);
}

// -- looking --------------------------------------------------------------------------------------

bool crowd::all_in() const {
  const auto in = [](const auto& l) { return l->in >= l->rooms.size(); };
  const auto connected = [](const auto& s) { return s->line->connected(); };
  return std::all_of(listeners_.begin(), listeners_.end(), in)
         && std::all_of(speakers_.begin(), speakers_.end(), connected);
}

void crowd::read_rooms(const std::vector<std::string>& nodes) {
  std::vector<std::string> rooms;
  for (std::size_t i = 0; i < plan_.rooms; ++i)
    rooms.push_back(room(i));
  readers_.clear();
  for (const auto& node : nodes)
    readers_.push_back(
        std::make_unique<room_reader>(io_, visitor(to_(node), "reader"), rooms, ledger_));
}

bool crowd::read() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const auto& r) { return r->done(); });
}

bool crowd::up_to_date() const {
  return ledger_.close().behind == 0;
}

latency_histogram crowd::resumes(instant fault, std::size_t& missing) const {
  latency_histogram out;
  missing = 0;
  for (const auto& l : listeners_) {
    if (l->cut_at < fault)
      continue;
    if (l->back_at < l->cut_at)
      ++missing;
    else
      out.record(static_cast<std::uint64_t>(std::chrono::nanoseconds(l->back_at - fault).count()));
  }
  return out;
}

} // namespace argosy::bench::chaos
