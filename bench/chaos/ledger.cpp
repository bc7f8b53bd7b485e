#include "bench/chaos/ledger.hpp"

#include <algorithm>

namespace argosy::bench::chaos {

namespace {

void record(latency_histogram& into, instant from, instant to) {
  into.record(static_cast<std::uint64_t>(std::chrono::nanoseconds(to - from).count()));
}

} // namespace

void ledger::said(std::size_t room, word what, instant at) {
  rooms_.at(room).words[what].said_at = at;
}

void ledger::acked(std::size_t room, word what, const stream_position& where, instant at) {
  auto& book = rooms_.at(room);
  auto& account = book.words[what];
  account.acked_at = at;
  account.where = where;
  book.epochs.insert(where.epoch);
}

void ledger::subscribed(std::size_t seat, std::size_t room, const stream_position& where,
                        bool recovered) {
  auto& book = seats_.at(seat);
  if (recovered && book.room) {
    book.at.epoch = where.epoch; // what was missed follows, and is counted as it comes
    return;
  }
  if (book.room)
    ++gaps_;
  book = {room, where, {}};
}

void ledger::heard(std::size_t seat, std::size_t room, std::uint64_t offset, word what,
                   instant at) {
  auto& book = seats_.at(seat);
  if (offset != book.at.offset + 1)
    ++silent_gaps_;
  if (!book.words.emplace(what, offset).second)
    ++repeated_;
  book.at.offset = offset;
  auto& account = rooms_.at(room).words[what];
  account.heard = true;
  deliveries_.emplace_back(account.said_at, at);
}

void ledger::told_of_gap(std::size_t seat, std::uint64_t to) {
  auto& book = seats_.at(seat);
  ++gaps_;
  book.at.offset = std::max(book.at.offset, to);
}

void ledger::holds(std::size_t room, const stream_position& top,
                   std::vector<std::pair<std::uint64_t, word>> items) {
  auto& book = rooms_.at(room);
  if (!book.top.epoch.empty() && book.top != top)
    ++diverged_;
  book.top = top;
  book.epochs.insert(top.epoch);
  for (const auto& [offset, what] : items)
    if (book.held.emplace(offset, what).first->second != what)
      ++diverged_;
}

balance ledger::close() const {
  balance out;
  out.gaps = gaps_;
  out.silent_gaps = silent_gaps_;
  out.duplicates = repeated_;
  out.diverged = diverged_;
  for (const auto& book : rooms_) {
    out.epochs_begun += book.epochs.empty() ? 0 : book.epochs.size() - 1;
    std::set<word> held;
    for (const auto& [offset, what] : book.held)
      out.duplicates += held.insert(what).second ? 0 : 1;
    for (const auto& [what, account] : book.words) {
      if (!account.where)
        continue;
      ++out.acked;
      out.acked_gone += held.contains(what) ? 0 : 1;
      out.acked_lost += account.heard || held.contains(what) ? 0 : 1;
      record(out.ack_ns, account.said_at, account.acked_at);
    }
  }
  for (const auto& seat : seats_) {
    if (!seat.room)
      continue;
    const auto& room = rooms_.at(*seat.room);
    out.behind += seat.at != room.top ? 1 : 0;
    for (const auto& [what, offset] : seat.words) {
      const auto held = room.held.find(offset);
      out.diverged += held == room.held.end() || held->second != what ? 1 : 0;
    }
  }
  return out;
}

std::optional<std::chrono::nanoseconds> ledger::first_ack_after(std::size_t room,
                                                                instant fault) const {
  std::optional<instant> first;
  for (const auto& [what, account] : rooms_.at(room).words)
    if (account.where && account.said_at >= fault && (!first || account.acked_at < *first))
      first = account.acked_at;
  return first ? std::optional{std::chrono::nanoseconds(*first - fault)} : std::nullopt;
}

std::size_t ledger::acked_between(instant from, instant to) const {
  std::size_t count = 0;
  for (const auto& book : rooms_)
    for (const auto& [what, account] : book.words)
      count += account.where && account.acked_at >= from && account.acked_at < to ? 1 : 0;
  return count;
}

latency_histogram ledger::acks_of(instant from, instant to) const {
  latency_histogram out;
  for (const auto& book : rooms_)
    for (const auto& [what, account] : book.words)
      if (account.where && account.said_at >= from && account.said_at < to)
        record(out, account.said_at, account.acked_at);
  return out;
}

latency_histogram ledger::deliveries_of(instant from, instant to) const {
  latency_histogram out;
  for (const auto& [said, heard] : deliveries_)
    if (said >= from && said < to)
      record(out, said, heard);
  return out;
}

bool ledger::up_to_date(std::size_t seat, std::size_t room, const stream_position& top) const {
  const auto& book = seats_.at(seat);
  return book.room == room && book.at == top;
}

} // namespace argosy::bench::chaos
