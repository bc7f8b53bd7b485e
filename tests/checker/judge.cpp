// The rules about publications: who may stand where, and what an acknowledgement is worth.
#include "tests/checker/judge.hpp"

#include "tests/checker/ledger.hpp"

#include <algorithm>

namespace argosy::checker {

namespace {

/// A retry within this time, or within so many publications of its room, is recognised.
constexpr moment dedupe_age{120'000};
constexpr std::uint64_t dedupe_count = 10'000;

// -- P2 -------------------------------------------------------------------------------------------

/// Of one publisher, what stands already, by the order in which it was first sent.
struct placed_before {
  std::map<order_no, const message_id*> all;
  std::map<std::string, std::map<order_no, const message_id*>> by_connection;
};

/// Something that was sent after `m` was settled or sent, and stands before it.
const message_id* overtaker(const publication_facts& m, const placed_before& before) {
  if (const auto found = before.all.upper_bound(m.acked); found != before.all.end())
    return found->second;
  if (!m.one_connection())
    return nullptr;
  const auto same = before.by_connection.find(m.attempts.front().connection);
  if (same == before.by_connection.end())
    return nullptr;
  const auto found = same->second.upper_bound(m.attempts.back().sent);
  return found != same->second.end() && found->first < m.given_up() ? found->second : nullptr;
}

void check_publisher_order(const std::string& room, const std::string& epoch,
                           const std::map<std::uint64_t, sighting>& log, ledger& book) {
  std::map<std::string, placed_before> publishers;
  std::set<message_id> seen;
  for (const auto& [offset, s] : log) {
    if (!seen.insert(s.what).second)
      continue;
    const auto& m = book.publications.at(s.what);
    auto& before = publishers[s.what.publisher];
    if (const auto* other = overtaker(m, before))
      book.complain(promise::publisher_order,
                    s.what.text() + " stands at " + position{epoch, offset}.text() + " in " + room
                        + ", behind " + other->text() + " which was sent after it");
    const auto first = m.attempts.front();
    before.all.emplace(first.sent, &s.what);
    before.by_connection[first.connection].emplace(first.sent, &s.what);
  }
}

// Where no history is kept a publication has no place, but each subscription heard an order.
void check_heard(const std::string& room, const room_facts& facts, const demands& of,
                 ledger& book) {
  for (const auto& [ear, all] : facts.heard) {
    std::map<std::uint64_t, sighting> log;
    std::set<message_id> seen;
    for (const auto& s : all) {
      log.emplace(log.size() + 1, s);
      if (!seen.insert(s.what).second && book.publications.at(s.what).attempts.size() == 1)
        book.complain(promise::dedupe, ear + " heard " + s.what.text() + " twice in " + room
                                           + ", though it was sent once");
    }
    if (of.publisher_order)
      check_publisher_order(room, ear, log, book);
  }
}

// -- P1: one owner --------------------------------------------------------------------------------

// Epochs follow each other: what was sent after the first acknowledgement of a later one cannot be
// acknowledged in an earlier one, unless two owners act at once.
void check_one_owner(const std::string& name, const ledger& book, verdict& out) {
  std::map<std::string, order_no> began;
  for (const auto& [what, m] : book.publications)
    if (m.room == name)
      for (const auto& ack : m.acks) {
        const auto first = began.try_emplace(ack.where.epoch, ack.came).first;
        first->second = std::min(first->second, ack.came);
      }
  if (began.size() < 2)
    return;
  for (const auto& [what, m] : book.publications)
    if (m.room == name)
      for (const auto& ack : m.acks)
        for (const auto& [epoch, at] : began)
          if (at > began.at(ack.where.epoch) && ack.sent > at)
            out.violations.push_back({promise::order, what.text() + " was acknowledged at "
                                                          + ack.where.text() + " in " + name
                                                          + ", though it was sent after epoch "
                                                          + epoch + " had begun there"});
}

// -- P3, P5, P6 -----------------------------------------------------------------------------------

bool in_final_log(const message_id& what, const publication_facts& m, const final_read& end) {
  const auto oldest = end.items.empty() ? end.top.offset + 1 : end.items.front().first;
  for (const auto& p : m.places)
    if (p.epoch == end.top.epoch && p.offset < oldest)
      return true; // it was there, and has aged out
  return std::any_of(end.items.begin(), end.items.end(),
                     [&](const auto& item) { return message_id::parse(item.second) == what; });
}

void check_ack(const message_id& what, const publication_facts& m, const demands& of,
               ledger& book) {
  const auto& ends = book.rooms[m.room].ends;
  if (ends.empty() || m.acks.empty())
    return;
  const auto& end = ends.front();
  if (in_final_log(what, m, end))
    return;
  const auto sentence = what.text() + " was acknowledged at " + m.acks.back().where.text() + " in "
                        + m.room + ", which ends at " + end.top.text() + " without it";
  const bool epoch_lives = m.acks.back().where.epoch == end.top.epoch;
  if (epoch_lives || of.acked_kept || (of.seen_kept && m.delivered))
    book.complain(promise::acknowledged, sentence);
  ++(m.delivered ? book.out.measured.acked_forgotten : book.out.measured.acked_lost);
}

void check_dedupe(const message_id& what, const publication_facts& m, ledger& book) {
  for (std::size_t i = 1; i < m.places.size(); ++i) {
    const auto& a = m.places[0];
    const auto& b = m.places[i];
    if (a.epoch != b.epoch && a.offset == b.offset)
      continue; // the new epoch was begun with the history of the old one
    ++book.out.measured.duplicates;
    const auto apart = std::max(a.offset, b.offset) - std::min(a.offset, b.offset);
    if (a.epoch == b.epoch && !m.key.empty() && apart <= dedupe_count
        && m.attempts.back().at - m.attempts.front().at <= dedupe_age)
      book.complain(promise::dedupe, what.text() + " stands twice in " + m.room + ", at " + a.text()
                                         + " and at " + b.text());
  }
}

void check_refused(const message_id& what, const publication_facts& m, ledger& book) {
  if (m.refused() && (m.delivered || !m.places.empty()))
    book.complain(promise::no_phantoms, what.text() + " was refused and is in " + m.room);
}

void check_publications(const demands& of, ledger& book) {
  std::vector<moment> waits;
  auto& n = book.out.measured;
  for (const auto& [what, m] : book.publications) {
    ++n.published;
    ++(m.acked_at ? n.acked : m.refused() ? n.rejected : n.unknown);
    if (m.acked_at)
      waits.push_back(*m.acked_at - m.attempts.front().at);
    check_ack(what, m, of, book);
    check_dedupe(what, m, book);
    check_refused(what, m, book);
  }
  n.unavailable = spread_of(std::move(waits));
}

// -- P1: rooms ------------------------------------------------------------------------------------

void check_end(const final_read& end, const final_read& first, ledger& book) {
  if (end.top != first.top)
    book.complain(promise::order, end.room + " ends at " + first.top.text() + " for the reader at "
                                      + first.reader + " and at " + end.top.text()
                                      + " for the reader at " + end.reader);
  for (std::size_t i = 0; i < end.items.size(); ++i)
    if (end.items[i].first != end.top.offset - (end.items.size() - 1 - i)) {
      book.complain(promise::order, end.room + " has a hole before offset "
                                        + std::to_string(end.items[i].first)
                                        + " or behind it for the reader at " + end.reader);
      return;
    }
}

// An epoch may go on from another one up to an offset: until there both are one.
void check_lineage(const std::string& name, const room_facts& room, ledger& book) {
  for (const auto& [from, epoch] : room.lineage) {
    const auto before = room.epochs.find(from.epoch);
    const auto after = room.epochs.find(epoch);
    if (before == room.epochs.end() || after == room.epochs.end())
      continue;
    for (const auto& [offset, s] : after->second)
      if (const auto same = before->second.find(offset);
          offset <= from.offset && same != before->second.end() && same->second.what != s.what)
        book.complain(promise::order, name + " goes on from " + from.text() + " in " + epoch
                                          + ", where " + s.what.text() + " stands at "
                                          + std::to_string(offset) + " and not "
                                          + same->second.what.text());
  }
}

void check_rooms(const demands& of, ledger& book) {
  for (auto& [name, room] : book.rooms) {
    ++book.out.measured.rooms;
    book.out.measured.epochs += room.epochs.size();
    if (of.one_epoch && room.epochs.size() > 1)
      book.complain(promise::order,
                    name + " began a new epoch: it has had " + std::to_string(room.epochs.size()));
    check_lineage(name, room, book);
    for (const auto& end : room.ends)
      check_end(end, room.ends.front(), book);
    if (of.one_owner)
      check_one_owner(name, book, book.out);
    check_heard(name, room, of, book);
    if (of.publisher_order)
      for (const auto& [epoch, log] : room.epochs)
        check_publisher_order(name, epoch, log, book);
  }
}

// -- figures --------------------------------------------------------------------------------------

void measure_recovery(const chronicle& run, ledger& book) {
  std::vector<moment> times;
  for (const auto& r : run) {
    const auto* fault = std::get_if<fault_injected>(&r);
    if (fault == nullptr)
      continue;
    std::map<std::string, moment> first;
    for (const auto& [what, m] : book.publications) {
      if (!m.acked_at || m.attempts.front().at < fault->at)
        continue;
      if (!fault->rooms.empty()
          && std::find(fault->rooms.begin(), fault->rooms.end(), m.room) == fault->rooms.end())
        continue;
      const auto took = *m.acked_at - fault->at;
      const auto known = first.try_emplace(m.room, took).first;
      known->second = std::min(known->second, took);
    }
    for (const auto& [room, took] : first)
      times.push_back(took);
  }
  book.out.measured.first_ack_after = spread_of(std::move(times));
}

} // namespace

verdict judge(const chronicle& run, const demands& of) {
  ledger book;
  // A delivery may be written down before the acknowledgement, never before the attempt.
  for (order_no no = 0; no < run.size(); ++no)
    if (const auto* sent = std::get_if<attempted>(&run[no]))
      book.enter(*sent, no);
  for (order_no no = 0; no < run.size(); ++no) {
    if (const auto* answer = std::get_if<answered>(&run[no]))
      book.enter(*answer, no);
    else if (const auto* end = std::get_if<final_read>(&run[no]))
      book.enter(*end, no);
  }
  follow_sessions(run, of, book);
  check_rooms(of, book);
  check_publications(of, book);
  measure_recovery(run, book);
  return std::move(book.out);
}

} // namespace argosy::checker
