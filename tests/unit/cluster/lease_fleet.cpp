#include "tests/unit/cluster/lease_fleet.hpp"

#include <algorithm>
#include <string>

namespace argosy::testing {

using namespace std::chrono_literals;
using cluster::lease_verdict;

lease_fleet::lease_fleet(std::size_t nodes, unsigned seed, fault omitted)
    : random_(seed), omitted_(omitted), voters_(nodes) {
  for (std::size_t i = 0; i < nodes; ++i) {
    auto& v = voters_[i];
    v.id = {std::string(1, static_cast<char>('a' + i)), 1};
    v.speed = 0.99 + 0.02 * static_cast<double>(below(1001)) / 1000;
    v.election_due = duration{below(3'000'000)};
    plan(i, duration{below(250'000)}, [this](voter& self) { beat(self); });
    plan(i, duration{below(500'000)}, [this](voter& self) { renew(self); });
  }
}

void lease_fleet::run_until(duration end, bool calm) {
  calm_from_ = calm ? now_ : duration::max();
  if (calm) {
    cut_.clear();
    for (auto& v : voters_)
      v.paused_until = std::min(v.paused_until, now_);
  }
  duration next_trouble = now_;
  while (!events_.empty() && events_.top().at <= end) {
    const event e = events_.top();
    events_.pop();
    now_ = std::max(now_, e.at);
    if (!calm && now_ >= next_trouble) {
      disturb();
      next_trouble = now_ + duration{below(3'000'000)};
    }
    auto& v = voters_[e.node];
    if (v.paused_until > now_)
      events_.push({v.paused_until, e.number, e.node, e.run});
    else
      e.run(v);
  }
  now_ = end;
}

/// Some links are cut in one direction or both, a node alone or a part of them; or one sleeps.
void lease_fleet::disturb() {
  const auto n = voters_.size();
  const auto one = below(n);
  switch (below(6)) {
  case 0:
    cut_.clear();
    break;
  case 1: // a leader alone, if there is one
    for (std::size_t i = 0; i < n; ++i)
      if (voters_[i].leads)
        for (std::size_t j = 0; j < n; ++j)
          if (below(4) != 0)
            cut_.insert({i, j}), cut_.insert({j, i});
    break;
  case 2: {
    const auto side = below(1ULL << n);
    cut_.clear();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if ((side >> i & 1) != (side >> j & 1))
          cut_.insert({i, j});
    break;
  }
  case 3:
    voters_[one].paused_until = now_ + duration{below(6'000'000)};
    break;
  default:
    cut_.insert({one, below(n)});
    cut_.erase({below(n), below(n)});
  }
}

lease_fleet::time_point lease_fleet::clock(const voter& v) const {
  return at(duration{static_cast<std::int64_t>(static_cast<double>(now_.count()) * v.speed)}
            + 1s * index(v));
}

lease_fleet::duration lease_fleet::true_time(const voter& v, time_point instant) const {
  const auto shown = std::chrono::duration_cast<duration>(instant - at(1s * index(v)));
  return duration{static_cast<std::int64_t>(static_cast<double>(shown.count()) / v.speed)};
}

void lease_fleet::plan(std::size_t node, duration after, std::function<void(voter&)> run) {
  events_.push({now_ + after, ++number_, node, std::move(run)});
}

void lease_fleet::send(const voter& from, std::size_t to, std::function<void(voter&)> run) {
  if (to == index(from)) {
    plan(to, 0us, std::move(run));
    return;
  }
  const bool calm = calm_from_ != duration::max();
  if (cut_.contains({index(from), to}) || (!calm && below(20) == 0))
    return;
  const bool late = !calm && below(10) == 0;
  plan(to, duration{200 + below(late ? 2'500'000 : 20'000)}, std::move(run));
}

/// Every 250 ms: a leader sends its log, the others see whether one is
/// missing.
void lease_fleet::beat(voter& v) {
  plan(index(v), 250ms, [this](voter& self) { beat(self); });
  if (!v.leads) {
    if (now_ >= v.election_due)
      stand(v);
    return;
  }
  if (now_ >= v.leads->next_view)
    propose(v);
  for (std::size_t to = 0; to < voters_.size(); ++to) {
    const bool bare = to != index(v) && below(3) == 0; // a heartbeat that carries nothing
    send(v, to,
         [this, from = index(v), term = v.term, log = bare ? std::vector<entry>{} : v.log,
          done = v.committed,
          sent_at = clock(v)](voter& self) { take_log(self, from, term, log, done, sent_at); });
  }
}

void lease_fleet::see_term(voter& v, std::uint64_t term) {
  if (term <= v.term)
    return;
  v.term = term;
  v.voted_for.reset();
  v.leads.reset();
}

void lease_fleet::stand(voter& v) {
  see_term(v, v.term + 1);
  v.voted_for = index(v);
  v.votes = {index(v)};
  v.election_due = now_ + 1500ms + duration{below(1'500'000)};
  const auto last = v.log.empty() ? 0 : v.log.back().term;
  for (std::size_t to = 0; to < voters_.size(); ++to) {
    if (to == index(v))
      continue;
    send(v, to, [=, this, from = index(v), term = v.term, length = v.log.size()](voter& self) {
      see_term(self, term);
      const auto own = std::pair{self.log.empty() ? 0 : self.log.back().term, self.log.size()};
      if (term < self.term || self.voted_for.value_or(from) != from
          || own > std::pair{last, length})
        return;
      self.voted_for = from;
      self.election_due = now_ + 1500ms + duration{below(1'500'000)};
      send(self, from, [this, term, voter_index = index(self)](voter& candidate) {
        if (candidate.term == term && !candidate.leads) {
          candidate.votes.insert(voter_index);
          if (candidate.votes.size() >= majority())
            lead(candidate);
        }
      });
    });
  }
}

void lease_fleet::lead(voter& v) {
  ++elections_;
  v.leads.emplace();
  v.leads->next_view = now_ + duration{below(2'000'000)};
  v.log.push_back({v.term, 0});
  v.log_term = v.term;
  if (omitted_ == fault::no_barrier)
    v.leads->book.decided(numbered(v.view_no), clock(v));
}

void lease_fleet::propose(voter& v) {
  v.leads->next_view = now_ + 300ms + duration{below(6'000'000)};
  if (calm_from_ != duration::max() && now_ > calm_from_ + 5s)
    return;
  std::uint64_t no = 0;
  for (const auto& e : v.log)
    no = std::max(no, e.view_no);
  v.log.push_back({v.term, no + 1});
}

void lease_fleet::take_log(voter& v, std::size_t leader, std::uint64_t term,
                           const std::vector<entry>& log, std::size_t committed,
                           time_point sent_at) {
  see_term(v, term);
  if (term < v.term)
    return;
  v.election_due = now_ + 1500ms + duration{below(1'500'000)};
  if (!log.empty()
      && (v.log_term != term
          || log.size() > v.log.size())) { // else it was overtaken by a longer one
    v.log = log;
    v.log_term = term;
  }
  commit(v, std::min(committed, log.size()));
  send(v, leader, [this, from = index(v), term, matched = log.size(), sent_at](voter& self) {
    take_answer(self, from, term, matched, sent_at);
  });
}

void lease_fleet::take_answer(voter& v, std::size_t from, std::uint64_t term, std::size_t matched,
                              time_point sent_at) {
  if (!v.leads || v.term != term)
    return;
  auto& most = v.leads->matched[from];
  most = std::max(most, matched);
  auto& answered = v.leads->answered.try_emplace(from, sent_at).first->second;
  answered = std::max(answered, sent_at);
  std::vector<std::size_t> lengths;
  for (const auto& [who, length] : v.leads->matched)
    lengths.push_back(length);
  std::vector<time_point> sent;
  for (const auto& [who, when] : v.leads->answered)
    sent.push_back(when);
  if (lengths.size() < majority())
    return;
  std::sort(lengths.rbegin(), lengths.rend());
  std::sort(sent.rbegin(), sent.rend());
  v.leads->book.quorum_contact(sent[majority() - 1]);
  const auto length = lengths[majority() - 1];
  if (length > 0 && v.log[length - 1].term == v.term)
    commit(v, length);
}

void lease_fleet::commit(voter& v, std::size_t length) {
  for (; v.committed < length; ++v.committed) {
    const auto no = v.log[v.committed].view_no;
    if (no != v.view_no + 1)
      continue; // the barrier
    v.view_no = no;
    if (decided_at_.emplace(no, now_).second)
      for (const auto& other : voters_)
        hold_to_the_rule(other);
  }
  // the leader's own term is decided up to here, and so is all that came before
  if (v.leads && v.committed > 0 && v.log[v.committed - 1].term == v.term && v.view_no > 0)
    v.leads->book.decided(numbered(v.view_no), clock(v));
}

/// Every 500 ms: acknowledges the view it acts under, and asks whom it takes for the leader, which
/// is everybody who might be.
void lease_fleet::renew(voter& v) {
  plan(index(v), 500ms, [this](voter& self) { renew(self); });
  if (v.view_no > 0)
    for (std::size_t to = 0; to < voters_.size(); ++to)
      send(v, to, [this, from = index(v), no = v.view_no, asked_at = clock(v)](voter& self) {
        answer_request(self, from, no, asked_at);
      });
}

void lease_fleet::answer_request(voter& v, std::size_t from, std::uint64_t view_no,
                                 time_point asked_at) {
  if (!v.leads)
    return;
  auto& book = v.leads->book;
  book.acknowledged(voters_[from].id, view_no);
  if (omitted_ == fault::ignore_acknowledgement)
    book.acknowledged(voters_[from].id, 1'000'000);
  if (omitted_ == fault::ignore_quorum)
    book.quorum_contact(clock(v));
  const auto answer = book.grant(voters_[from].id, clock(v));
  if (answer.verdict != lease_verdict::granted)
    return;
  // without the rule of acknowledgement the member goes on under the view that it knows
  const auto under = omitted_ == fault::ignore_acknowledgement ? view_no : answer.view_no;
  send(v, from, [this, under, ttl = answer.ttl, asked_at](voter& self) {
    ++grants_;
    const bool late = omitted_ == fault::count_from_answer;
    self.lease.renewed(late ? clock(self) : asked_at, under, ttl);
    hold_to_the_rule(self);
  });
}

/// What a node holds ends no later than 3.2 s after any later view was decided, in true time.
void lease_fleet::hold_to_the_rule(const voter& v) {
  const auto later = decided_at_.upper_bound(v.lease.view_no());
  if (v.lease.view_no() == 0 || later == decided_at_.end())
    return;
  if (true_time(v, v.lease.expires_at()) > later->second + cluster::lease_settings{}.fence())
    ++violations_;
}

cluster::view lease_fleet::numbered(std::uint64_t no) const {
  std::vector<cluster::member> members;
  for (const auto& v : voters_)
    members.push_back(member_of(v.id.name));
  return view_of(std::move(members), no);
}

bool lease_fleet::all_leased() const {
  return std::all_of(voters_.begin(), voters_.end(), [&](const voter& v) {
    return v.lease.valid(clock(v)) && v.lease.view_no() == newest_decided();
  });
}

} // namespace argosy::testing
