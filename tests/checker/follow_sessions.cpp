// Each subscriber's own story: it may miss something only if it was told so, and nothing comes
// twice.
#include "tests/checker/ledger.hpp"

#include <utility>

namespace argosy::checker {

namespace {

struct cursor {
  bool inside = false;
  bool came_before = false;
  std::uint32_t code = 0; ///< why it is outside; 0 = its own wish
  std::uint32_t subscriptions = 0;
  position at;
};

class follower {
public:
  follower(const demands& of, ledger& book) : demands_(of), book_(book) {}

  template <class Record>
  void take(const Record&) {}
  void take(const subscribed& r);
  void take(const unsubscribed& r);
  void take(const delivered& r);
  void take(const gap_announced& r);
  void end();

private:
  using key = std::pair<std::string, std::string>; // session, room

  void resumed(const std::string& who, const subscribed& r, cursor& c);
  void began_anew(const std::string& who, const subscribed& r, cursor& c);
  void advance(const std::string& who, const delivered& r, const position& where, cursor& c);
  void told_of_gap(const std::string& sentence);

  const demands& demands_;
  ledger& book_;
  std::map<key, cursor> cursors_;
};

std::string who_is(const std::string& session, const std::string& room) {
  return session + " in " + room;
}

void follower::told_of_gap(const std::string& sentence) {
  ++book_.out.measured.gaps_announced;
  if (demands_.no_gaps)
    book_.complain(promise::at_least_once, sentence);
}

void follower::take(const subscribed& r) {
  auto& c = cursors_[{r.session, r.room}];
  const auto who = who_is(r.session, r.room);
  if (c.inside)
    book_.complain(promise::order, who + " was subscribed twice at once");
  if (r.recovered)
    resumed(who, r, c);
  else
    began_anew(who, r, c);
  c.inside = c.came_before = true;
  ++c.subscriptions;
  c.code = 0;
}

void follower::resumed(const std::string& who, const subscribed& r, cursor& c) {
  if (!r.recovering)
    book_.complain(promise::order, who + " was told that it recovered and had not asked");
  if (c.came_before && r.since != c.at)
    book_.complain(promise::order,
                   who + " resumed from " + r.since.text() + " but stood at " + c.at.text());
  if (r.where.epoch != r.since.epoch)
    book_.rooms[r.room].lineage.insert({r.since, r.where.epoch});
  if (r.where.offset < r.since.offset)
    book_.complain(promise::order, who + " was told that it recovered from " + r.since.text()
                                       + ", but the room is at " + r.where.text());
  c.at = {r.where.epoch, r.since.offset};
}

void follower::began_anew(const std::string& who, const subscribed& r, cursor& c) {
  if (c.came_before && !c.at.epoch.empty() && c.at != r.where) {
    if (r.recovering && r.where.epoch == c.at.epoch && r.where.offset < c.at.offset)
      book_.complain(promise::order, who + " stood at " + c.at.text()
                                         + " and the room went back to " + r.where.text());
    told_of_gap(who + " stood at " + c.at.text() + " and was put at " + r.where.text()
                + " without what lies between");
  }
  c.at = r.where;
}

void follower::take(const unsubscribed& r) {
  for (auto& [where, c] : cursors_)
    if (where.first == r.session && (r.room.empty() || where.second == r.room) && c.inside) {
      c.inside = false;
      c.code = r.code;
    }
}

void follower::take(const delivered& r) {
  auto& c = cursors_[{r.session, r.room}];
  const auto who = who_is(r.session, r.room);
  const auto where = r.where.epoch.empty() ? position{c.at.epoch, r.where.offset} : r.where;
  ++book_.out.measured.deliveries;
  if (auto* facts = book_.see(r.room, where, r.payload, r.session, r.at))
    facts->delivered = true;
  if (!c.inside)
    return book_.complain(promise::order,
                          who + " got " + r.payload + " while it was not subscribed");
  if (where.offset > 0)
    advance(who, r, where, c);
  else if (const auto id = message_id::parse(r.payload); id && book_.publications.contains(*id))
    book_.rooms[r.room]
        .heard[r.session + ", subscription " + std::to_string(c.subscriptions)]
        .push_back({*id, r.session});
}

void follower::advance(const std::string& who, const delivered& r, const position& where,
                       cursor& c) {
  if (where.epoch != c.at.epoch)
    book_.complain(promise::order, who + " went from " + c.at.text() + " to " + where.text()
                                       + " and nobody told it of a new epoch");
  else if (where.offset > c.at.offset + 1)
    book_.complain(promise::order, who + " went from " + c.at.text() + " straight to "
                                       + where.text() + " and nobody told it of a gap");
  else if (where.offset <= c.at.offset)
    book_.complain(promise::order, who + " got " + r.payload + " at " + where.text()
                                       + " though it stood at " + c.at.text() + " already");
  if (where.epoch != c.at.epoch || where.offset > c.at.offset)
    c.at = where;
}

void follower::take(const gap_announced& r) {
  auto& c = cursors_[{r.session, r.room}];
  if (c.inside && r.from == c.at.offset + 1 && r.to >= r.from)
    c.at.offset = r.to;
  told_of_gap(who_is(r.session, r.room) + " was told that it misses " + std::to_string(r.from) + "-"
              + std::to_string(r.to) + " (" + r.reason + ")");
}

void follower::end() {
  if (!demands_.caught_up)
    return;
  for (const auto& [where, c] : cursors_) {
    const auto who = who_is(where.first, where.second);
    if (!c.inside && c.code != 0)
      book_.complain(promise::at_least_once, who + " lost its subscription by "
                                                 + std::to_string(c.code)
                                                 + " and never got it back");
    const auto& ends = book_.rooms[where.second].ends;
    if (c.inside && !ends.empty() && !c.at.epoch.empty() && c.at != ends.front().top)
      book_.complain(promise::at_least_once, who + " stands at " + c.at.text()
                                                 + " in the end, and the room at "
                                                 + ends.front().top.text());
  }
}

} // namespace

void follow_sessions(const chronicle& run, const demands& of, ledger& book) {
  follower all{of, book};
  for (const auto& r : run)
    std::visit([&](const auto& one) { all.take(one); }, r);
  all.end();
}

} // namespace argosy::checker
