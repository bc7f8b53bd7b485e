#include "bench/chaos/ledger.hpp"

namespace argosy::bench::chaos {

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

void ledger::heard(std::size_t seat, std::size_t room, std::uint64_t offset, word what) {
  auto& book = seats_.at(seat);
  if (offset != book.at.offset + 1)
    ++silent_gaps_;
  if (!book.words.insert(what).second)
    ++repeated_;
  book.at.offset = offset;
  rooms_.at(room).words[what].heard = true;
}

void ledger::told_of_gap(std::size_t seat, std::uint64_t to) {
  auto& book = seats_.at(seat);
  ++gaps_;
  book.at.offset = std::max(book.at.offset, to);
}

void ledger::holds(std::size_t room, const stream_position& top,
                   std::vector<std::pair<std::uint64_t, word>> items) {
  auto& book = rooms_.at(room);
  book.top = top;
  book.epochs.insert(top.epoch);
  book.held.insert(items.begin(), items.end());
}

balance ledger::close() const {
  balance out;
  out.gaps = gaps_;
  out.silent_gaps = silent_gaps_;
  out.duplicates = repeated_;
  for (const auto& book : rooms_) {
    out.epochs_begun += book.epochs.empty() ? 0 : book.epochs.size() - 1;
    std::set<word> held;
    for (const auto& [offset, what] : book.held)
      out.duplicates += held.insert(what).second ? 0 : 1;
    for (const auto& [what, account] : book.words) {
      if (!account.where)
        continue;
      ++out.acked;
      out.acked_lost += account.heard || held.contains(what) ? 0 : 1;
      out.ack_ns.record(static_cast<std::uint64_t>(
          std::chrono::nanoseconds(account.acked_at - account.said_at).count()));
    }
  }
  for (const auto& seat : seats_)
    out.behind += seat.room && seat.at != rooms_.at(*seat.room).top ? 1 : 0;
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

bool ledger::up_to_date(std::size_t seat, std::size_t room, const stream_position& top) const {
  const auto& book = seats_.at(seat);
  return book.room == room && book.at == top;
}

} // namespace argosy::bench::chaos
