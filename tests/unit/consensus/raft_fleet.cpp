#include "tests/unit/consensus/raft_fleet.hpp"

#include "runtime/wire/consensus_rpc.hpp"

#include <algorithm>
#include <functional>

namespace argosy::consensus::test {

namespace {

constexpr std::chrono::milliseconds tick_interval{50};

/// Commands are `number:padding`; the state is the numbers, in order.
void fold_numbers(std::string& state, std::string_view command) {
  state.append(command.substr(0, command.find(':'))).push_back(';');
}

std::string describe(std::string_view bytes) {
  const auto rpc = wire::read_consensus_rpc(bytes);
  if (!rpc)
    return "unreadable";
  std::string out = "kind " + std::to_string(rpc->index());
  if (const auto* m = std::get_if<wire::append_entries>(&*rpc)) {
    out += " term " + std::to_string(m->term) + " after " + std::to_string(m->prev_log_index) + "/"
           + std::to_string(m->prev_log_term) + " commit " + std::to_string(m->leader_commit);
    for (const auto& e : m->entries)
      out += " " + std::to_string(e.term) + "." + std::to_string(static_cast<int>(e.kind)) + ":"
             + std::to_string(e.data.size());
  } else if (const auto* g = std::get_if<wire::request_vote_result>(&*rpc)) {
    out += " term " + std::to_string(g->term) + (g->granted ? " granted" : " denied")
           + (g->pre_vote ? " pre" : "");
  } else if (const auto* r = std::get_if<wire::append_entries_result>(&*rpc)) {
    out += " term " + std::to_string(r->term) + " rejected " + std::to_string(r->rejected)
           + " last " + std::to_string(r->last_log_index);
  } else if (const auto* v = std::get_if<wire::request_vote>(&*rpc)) {
    out += " term " + std::to_string(v->term) + (v->pre_vote ? " pre" : "")
           + (v->disrupt_leader ? " disrupt" : "") + " log " + std::to_string(v->last_log_index)
           + "/" + std::to_string(v->last_log_term);
  } else if (const auto* i = std::get_if<wire::install_snapshot>(&*rpc)) {
    out += " term " + std::to_string(i->term) + " last " + std::to_string(i->last_index) + "/"
           + std::to_string(i->last_term) + " conf " + std::to_string(i->configuration_index);
  }
  return out;
}

std::string describe(const stored_state& s, const raft_node& n) {
  std::string out = std::string{to_string(n.role())} + " term " + std::to_string(s.term)
                    + " commit " + std::to_string(n.commit_index()) + " log from "
                    + std::to_string(s.first_index);
  for (const auto& e : s.entries)
    out += " " + std::to_string(e.term);
  return out;
}

bool begins_with_either(const std::string& a, const std::string& b) {
  return a.size() < b.size() ? b.starts_with(a) : a.starts_with(b);
}

} // namespace

raft_fleet::raft_fleet(std::uint64_t seed, std::size_t voters, const raft_settings& settings,
                       const fleet_weather& weather)
    : settings_(settings), weather_(weather), dice_(seed), seats_(voters), seed_(seed) {
  for (std::size_t i = 0; i < voters; ++i)
    voters_.push_back({i + 1, "seed-" + std::to_string(i + 1)});
  for (std::size_t i = 0; i < voters; ++i) {
    seats_[i].store = std::make_unique<memory_store>();
    restart(i);
    plan(now_ + ms{draw(0, 49)}, i, nullptr);
  }
}

// -- life and death -------------------------------------------------------------------------------

void raft_fleet::restart(std::size_t i) {
  auto& s = seats_[i];
  s.store->crash();
  s.restarts_at = time_point::max();
  s.copy.clear();
  s.led_term = 0;
  s.node = std::make_unique<raft_node>(settings_, i + 1, voters_, *s.store, dice_(), fold_numbers);
  if (const auto problem = s.node->start(now_); !problem.empty() && !s.store->failed())
    fail("voter " + std::to_string(i + 1) + " does not start: " + problem);
  collect(i);
}

void raft_fleet::crash(std::size_t i) {
  ++figures_.crashes;
  figures_.muted += seats_[i].node ? seats_[i].node->counters().votes_muted : 0;
  figures_.shortened += seats_[i].node ? seats_[i].node->counters().shortened : 0;
  seats_[i].node.reset();
}

void raft_fleet::isolate(std::size_t i) {
  for (std::size_t j = 0; j < size(); ++j)
    if (j != i) {
      cut(i, j);
      cut(j, i);
    }
}

void raft_fleet::heal() {
  mend();
  weather_.loss = weather_.duplicates = weather_.spikes = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    auto& s = seats_[i];
    s.paused_until = now_;
    if (!s.node || !s.node->failure().empty())
      restart(i);
    s.store->fail_after(1ULL << 60, false);
  }
}

void raft_fleet::bring_trouble() {
  const auto i = static_cast<std::size_t>(draw(0, static_cast<int>(size()) - 1));
  auto& s = seats_[i];
  switch (draw(0, 7)) {
  case 0:
    isolate(i);
    break;
  case 1:
    for (std::size_t a = 0; a < size(); ++a)
      for (std::size_t b = 0; b < size(); ++b)
        if (a != b && chance(0.3))
          cut(a, b); // in one direction
    break;
  case 2:
  case 3:
    mend();
    break;
  case 4:
    if (s.node) {
      crash(i);
      s.restarts_at = now_ + ms{draw(0, 3000)};
    }
    break;
  case 5:
    s.store->fail_after(static_cast<std::uint64_t>(draw(0, 6)), chance(0.5));
    break;
  case 6:
    s.paused_until = now_ + ms{draw(100, 4000)};
    break;
  case 7:
    if (weather_.transfers && s.node)
      s.node->transfer_leadership(now_);
    for (std::size_t a = 0; weather_.doubts && a < size(); ++a)
      if (chance(0.7))
        doubt(a);
    break;
  }
}

// -- events ---------------------------------------------------------------------------------------

void raft_fleet::plan(time_point at, std::size_t whose, std::shared_ptr<letter> mail) {
  events_.push({at, ++order_, whose, std::move(mail)});
}

void raft_fleet::run(ms duration, bool faults) {
  const auto end = now_ + duration;
  auto next_trouble = now_ + ms{draw(200, 2000)};
  auto next_command = now_;
  while (violation_.empty() && !events_.empty() && events_.top().at <= end) {
    const auto e = events_.top();
    events_.pop();
    now_ = std::max(now_, e.at);
    handle(e);
    if (faults && now_ >= next_trouble) {
      bring_trouble();
      next_trouble = now_ + ms{draw(200, 2000)};
    }
    if (now_ >= next_command) {
      propose(static_cast<std::size_t>(draw(0, static_cast<int>(size()) - 1)));
      next_command = now_ + ms{draw(10, 120)};
    }
  }
  now_ = end;
}

void raft_fleet::handle(const event& e) {
  auto& s = seats_[e.whose];
  if (now_ < s.paused_until)
    return plan(s.paused_until, e.whose, e.mail);
  if (e.mail) {
    if (s.node && !blocked_.contains({e.mail->from, e.mail->to})) {
      if (!s.node->receive(now_, e.mail->from + 1, e.mail->bytes) && s.node->failure().empty())
        fail("an honest message was refused: " + describe(e.mail->bytes) + " at "
             + describe(s.store->state(), *s.node));
      collect(e.whose);
      note_delivery(*e.mail);
    }
    return;
  }
  plan(now_ + tick_interval, e.whose, nullptr);
  if (s.node && !s.node->failure().empty()) {
    ++figures_.write_failures;
    crash(e.whose);
    s.restarts_at = now_ + ms{draw(0, 1500)};
  }
  if (!s.node && now_ >= s.restarts_at)
    restart(e.whose);
  if (s.node) {
    s.node->tick(now_);
    collect(e.whose);
  }
}

void raft_fleet::doubt(std::size_t at) {
  auto& s = seats_[at];
  if (!s.node || now_ < s.paused_until)
    return;
  s.node->expire_election(now_);
  collect(at);
}

bool raft_fleet::propose(std::size_t at) {
  auto& s = seats_[at];
  if (!s.node || now_ < s.paused_until || s.node->role() != raft_role::leader)
    return false;
  auto command = std::to_string(++commands_) + ":";
  command.resize(std::max(command.size(), weather_.command_bytes), '.');
  const bool taken = s.node->propose(now_, command);
  collect(at);
  return taken;
}

/// What the owner of a voter does after each call.
void raft_fleet::collect(std::size_t i) {
  for (auto& rpc : seats_[i].node->take_outgoing())
    post(i, std::move(rpc));
  adopt(i);
  check(i);
}

void raft_fleet::post(std::size_t from, outgoing_rpc rpc) {
  const auto to = static_cast<std::size_t>(rpc.to - 1);
  if (blocked_.contains({from, to}) || chance(weather_.loss))
    return;
  vandalise(rpc.bytes);
  const auto mail = std::make_shared<letter>(letter{from, to, std::move(rpc.bytes), now_});
  for (int copies = chance(weather_.duplicates) ? 2 : 1; copies > 0; --copies) {
    const int delay = chance(weather_.spikes) ? draw(100, 2000) : draw(0, weather_.delay_max_ms);
    plan(now_ + ms{delay}, to, mail);
  }
}

void raft_fleet::mangle(double share, std::uint64_t seed) {
  mangled_ = share;
  vandal_.seed(seed);
}

void raft_fleet::vandalise(std::string& bytes) {
  if (std::uniform_real_distribution<>{0, 1}(vandal_) >= mangled_)
    return;
  for (auto flips = 1 + vandal_() % 3; flips > 0; --flips)
    bytes[vandal_() % bytes.size()] ^= static_cast<char>(1U << (vandal_() % 8));
}

void raft_fleet::adopt(std::size_t i) {
  auto& s = seats_[i];
  if (auto whole = s.node->take_restored()) {
    figures_.restored_from_leader += s.copy.empty() ? 0 : 1;
    s.copy = std::move(*whole);
  }
  for (const auto& command : s.node->take_committed()) {
    ++figures_.committed;
    fold_numbers(s.copy, command);
  }
}

// -- what must hold -------------------------------------------------------------------------------

void raft_fleet::fail(const std::string& what) {
  if (violation_.empty() && mangled_ == 0)
    violation_ = "seed " + std::to_string(seed_) + ", "
                 + std::to_string(now_.time_since_epoch() / ms{1}) + " ms: " + what;
}

void raft_fleet::check(std::size_t i) {
  auto& s = seats_[i];
  if (!s.node->failure().empty()) {
    if (!s.store->failed())
      fail("voter " + std::to_string(i + 1) + " fell silent: " + s.node->failure());
    return;
  }
  if (s.copy != s.node->state())
    fail("what was taken does not add up to the state");
  if (!begins_with_either(s.copy, agreed_))
    fail("voter " + std::to_string(i + 1) + " has " + s.copy + " where " + agreed_ + " was agreed");
  if (s.copy.size() > agreed_.size())
    agreed_ = s.copy;
  if (s.node->role() != raft_role::leader)
    return;
  const auto term = s.node->term();
  const auto [known, first] = leaders_.emplace(term, i);
  if (known->second != i)
    fail("two leaders in term " + std::to_string(term));
  if (first) {
    ++figures_.leaderships;
    bounds_[term] = s.node->predecessors_contact();
    for (const auto& [older, at] : vouched_)
      if (older < term && at > bounds_[term])
        fail("voter " + std::to_string(i + 1) + " leads term " + std::to_string(term)
             + " and does not know of a quorum contact in term " + std::to_string(older));
    for (const auto& [older, until] : vouched_)
      if (!weather_.transfers && !weather_.doubts && older < term
          && now_ < until + settings_.election)
        fail("voter " + std::to_string(i + 1) + " leads term " + std::to_string(term)
             + " inside the time that the leader of term " + std::to_string(older)
             + " may count on");
  }
  check_contact(i);
}

void raft_fleet::check_contact(std::size_t i) {
  const auto contact = seats_[i].node->last_quorum_contact();
  if (!contact)
    return;
  ++figures_.contacts;
  const auto term = seats_[i].node->term();
  auto& vouched = vouched_[term];
  vouched = std::max(vouched, *contact);
  if (*contact > now_)
    fail("a quorum contact in the future");
  for (auto later = bounds_.upper_bound(term); later != bounds_.end(); ++later)
    if (*contact > later->second)
      fail("a quorum contact in term " + std::to_string(term) + " that the leader of term "
           + std::to_string(later->first) + " does not know of");
  if (size() == 1)
    return;
  std::vector<time_point> seen;
  for (const auto& [who, at] : followed_[{i, term}])
    seen.push_back(at);
  std::sort(seen.begin(), seen.end(), std::greater<>{});
  if (seen.size() < size() / 2 || *contact > seen[size() / 2 - 1])
    fail("a quorum contact that no majority gave");
}

/// A voter that has taken a message of its leader has seen it lead when that was sent.
void raft_fleet::note_delivery(const letter& mail) {
  const auto rpc = wire::read_consensus_rpc(mail.bytes);
  const auto* entries = rpc ? std::get_if<wire::append_entries>(&*rpc) : nullptr;
  const auto* snapshot = rpc ? std::get_if<wire::install_snapshot>(&*rpc) : nullptr;
  const auto term = entries != nullptr ? entries->term : snapshot != nullptr ? snapshot->term : 0;
  const auto& node = *seats_[mail.to].node;
  if (term == 0 || node.term() != term || node.leader() != mail.from + 1)
    return;
  auto& at = followed_[{mail.from, term}][mail.to];
  at = std::max(at, mail.sent);
}

std::optional<std::size_t> raft_fleet::leader() const {
  for (auto l = leaders_.rbegin(); l != leaders_.rend(); ++l) {
    const auto& node = seats_[l->second].node;
    if (node && node->role() == raft_role::leader && node->term() == l->first)
      return l->second;
  }
  return std::nullopt;
}

raft_fleet::figures raft_fleet::counted() const {
  auto out = figures_;
  for (const auto& s : seats_)
    if (s.node) {
      out.muted += s.node->counters().votes_muted;
      out.shortened += s.node->counters().shortened;
    }
  return out;
}

} // namespace argosy::consensus::test
