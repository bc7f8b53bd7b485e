#include "tests/checker/ledger.hpp"

#include <algorithm>

namespace argosy::checker {

bool publication_facts::refused() const {
  return std::all_of(attempts.begin(), attempts.end(), [](const attempt_facts& a) {
    return a.answered != never && a.how == result::rejected;
  });
}

bool publication_facts::one_connection() const {
  return std::all_of(attempts.begin(), attempts.end(), [&](const attempt_facts& a) {
    return a.connection == attempts.front().connection;
  });
}

order_no publication_facts::given_up() const {
  order_no last = 0;
  for (const auto& a : attempts) {
    if (a.answered == never || a.how == result::ok)
      return never;
    last = std::max(last, a.answered);
  }
  return last;
}

void ledger::enter(const attempted& r, order_no no) {
  auto& facts = publications[r.what];
  facts.room = r.room;
  facts.key = r.key;
  facts.attempts.push_back({r.at, no, never, r.connection, r.attempt, result::unknown});
}

void ledger::enter(const answered& r, order_no no) {
  const auto found = publications.find(r.what);
  if (found == publications.end())
    return complain(promise::no_phantoms, r.what.text() + " was answered and never sent");
  auto& facts = found->second;
  order_no sent = 0;
  for (auto& a : facts.attempts)
    if (a.number == r.attempt) {
      a.answered = no;
      a.how = r.how;
      sent = a.sent;
    }
  if (r.how != result::ok)
    return;
  if (!facts.acked_at) {
    facts.acked_at = r.at;
    facts.acked = no;
  }
  if (r.where.epoch.empty())
    return;
  if (std::none_of(facts.acks.begin(), facts.acks.end(),
                   [&](const ack_facts& a) { return a.where == r.where; }))
    facts.acks.push_back({r.where, sent, no});
  place(facts.room, r.where, r.what, "its publisher", facts);
}

void ledger::enter(const final_read& r, order_no) {
  auto& room = rooms[r.room];
  for (const auto& [offset, payload] : r.items)
    see(r.room, {r.top.epoch, offset}, payload, "the reader at " + r.reader, r.at);
  room.ends.push_back(r);
}

publication_facts* ledger::see(const std::string& room, const position& where,
                               std::string_view payload, const std::string& by, moment at) {
  const auto place_text = room + " at " + where.text();
  const auto id = message_id::parse(payload);
  const auto found = id ? publications.find(*id) : publications.end();
  if (found == publications.end()) {
    complain(promise::no_phantoms,
             by + " got '" + std::string{payload} + "' in " + place_text + ", which nobody sent");
    return nullptr;
  }
  auto& facts = found->second;
  if (facts.room != room) {
    complain(promise::isolation, by + " got " + id->text() + " in " + room
                                     + ", though it was published in " + facts.room);
    return nullptr;
  }
  if (at < facts.attempts.front().at)
    complain(promise::no_phantoms,
             by + " got " + id->text() + " in " + place_text + " before it was sent");
  place(room, where, *id, by, facts);
  return &facts;
}

void ledger::place(const std::string& room, const position& where, const message_id& what,
                   const std::string& by, publication_facts& facts) {
  if (where.epoch.empty() || where.offset == 0)
    return;
  const auto [at, fresh] =
      rooms[room].epochs[where.epoch].try_emplace(where.offset, sighting{what, by});
  if (!fresh && at->second.what != what)
    return complain(promise::order, room + " at " + where.text() + " is " + at->second.what.text()
                                        + " for " + at->second.by + " and " + what.text() + " for "
                                        + by);
  if (std::find(facts.places.begin(), facts.places.end(), where) == facts.places.end())
    facts.places.push_back(where);
}

} // namespace argosy::checker
