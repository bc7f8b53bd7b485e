#include "tests/unit/cluster/shard_fleet.hpp"

#include "tests/unit/core/instant.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace argosy::testing {

using cluster::node_identity;
using cluster::pull_refusal;
using cluster::shard_action;
using cluster::shard_lifecycle;
using cluster::shard_pull;
using cluster::shard_state;
using namespace std::chrono_literals;

namespace {

constexpr auto step_time = 10ms;
constexpr std::size_t trace_max = 400;

} // namespace

shard_fleet::shard_fleet(unsigned seed, std::size_t nodes, const fleet_faults& faults)
    : random_{seed}, faults_(faults), now_(at(0s)) {
  for (std::size_t i = 0; i < nodes; ++i) {
    node n;
    n.id = {std::string(1, static_cast<char>('a' + i)), 1};
    n.last_contact = now_;
    n.shard = std::make_unique<shard_lifecycle>(n.id, false);
    nodes_.push_back(std::move(n));
  }
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < nodes; ++i)
    all.insert(i);
  decide(all, now_);
  for (std::size_t i = 0; i < nodes; ++i)
    learn_view(i);
}

bool shard_fleet::run(int ms) {
  for (int passed = 0; passed < ms; passed += 10) {
    step();
    if (std::count_if(nodes_.begin(), nodes_.end(),
                      [](const node& n) { return !n.crashed && n.shard->acts(); })
        > 1)
      return false;
  }
  return true;
}

void shard_fleet::quiet() {
  quiet_ = true;
  faults_.loss_percent = faults_.views_missed_percent = 0;
  cut_until_.clear();
  for (auto& n : nodes_)
    n.cut_off_until = now_;
}

bool shard_fleet::newest_owner_acts_alone() const {
  const auto& owner = nodes_[views_.back().owner];
  return owner.shard->acts() && owner.view_no == views_.back().no
         && std::count_if(nodes_.begin(), nodes_.end(), [](const node& n) {
              return n.shard->state() == shard_state::active;
            }) == 1;
}

bool shard_fleet::nothing_lost() const {
  const auto& holds = nodes_[views_.back().owner].holds;
  return holds && holds->items == all_;
}

std::string shard_fleet::trace() const {
  std::string out = "\n";
  for (const auto& line : trace_)
    out += line + '\n';
  return out;
}

void shard_fleet::note(const std::string& what) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - at(0s)).count();
  trace_.push_back(std::to_string(ms) + " ms: " + what);
  if (trace_.size() > trace_max)
    trace_.pop_front();
}

std::size_t shard_fleet::index_of(const node_identity& id) const {
  return static_cast<std::size_t>(id.name.front() - 'a');
}

// -- the network ---------------------------------------------------------------------------------

bool shard_fleet::cut(std::size_t a, std::size_t b) const {
  const auto found = cut_until_.find(std::minmax(a, b));
  return found != cut_until_.end() && now_ < found->second;
}

// In order between two nodes, as a link is; what is lost is lost.
void shard_fleet::send(std::size_t from, const node_identity& to, std::function<void()> deliver) {
  const auto there = index_of(to);
  if (cut(from, there) || chance(faults_.loss_percent))
    return;
  auto& last = last_due_[{from, there}];
  const auto delay = static_cast<int>(random_() % static_cast<unsigned>(faults_.delay_ms_max));
  last = std::max(last, after(delay));
  wire_.push_back({last, from, there, nodes_[from].id, to, std::move(deliver)});
}

void shard_fleet::send_pull(std::size_t from, const shard_action& a) {
  const auto& members = views_[nodes_[from].view_no - 1].members;
  const auto there = index_of(a.node);
  if (!members.contains(there) || nodes_[there].id != a.node) {
    carry_out(from, nodes_[from].shard->pull_refused(a.ticket, pull_refusal::gone, {}, 0, now_),
              std::nullopt);
    return;
  }
  const shard_pull pull{nodes_[from].id, a.view_no, a.as_of, a.ticket};
  send(from, a.node, [this, there, pull] {
    carry_out(there, nodes_[there].shard->peer_pulls(pull, now_), std::nullopt);
  });
}

void shard_fleet::send_parts(std::size_t from, const shard_action& a) {
  const auto there = index_of(a.node);
  const auto what = nodes_[from].holds;
  if (a.as_of == 0) {
    send(from, a.node, [=, this] { salvage_answer(there, from, a.ticket, true, what); });
    return;
  }
  const auto sender = nodes_[from].id;
  const auto parts = static_cast<std::uint32_t>(1 + random_() % 3);
  for (std::uint32_t part = 0; part < parts; ++part)
    send(from, a.node, [=, this] {
      carry_out(there, nodes_[there].shard->pull_answer(sender, a.ticket, part, parts, now_), what);
    });
}

void shard_fleet::send_refusal(std::size_t from, const shard_action& a) {
  using what = shard_action::what;
  const auto there = index_of(a.node);
  if (a.as_of == 0 && a.kind != what::redirect) {
    const bool well = a.kind == what::unknown;
    send(from, a.node, [=, this] {
      if (a.kind == what::wrong_owner)
        nodes_[there].shard->heard_of_view(a.view_no);
      salvage_answer(there, from, a.ticket, well, std::nullopt);
    });
    return;
  }
  const auto why = a.kind == what::redirect      ? pull_refusal::redirect
                   : a.kind == what::not_ready   ? pull_refusal::not_ready
                   : a.kind == what::wrong_owner ? pull_refusal::wrong_owner
                                                 : pull_refusal::unknown;
  send(from, a.node, [=, this] {
    carry_out(there,
              nodes_[there].shard->pull_refused(
                  a.ticket, why, a.to, a.kind == what::wrong_owner ? a.view_no : a.as_of, now_),
              nodes_[there].holds);
  });
}

// -- what a host does ----------------------------------------------------------------------------

void shard_fleet::begin_salvage(std::size_t at, const shard_action& a) {
  ++salvages_;
  collection c{a.ticket, views_[nodes_[at].view_no - 1].members, nodes_[at].holds, true,
               after(1000)};
  c.asked.erase(at);
  nodes_[at].salvage = c;
  for (const auto other : c.asked) {
    const shard_pull pull{nodes_[at].id, a.view_no, 0, a.ticket};
    send(at, nodes_[other].id, [this, other, pull] {
      carry_out(other, nodes_[other].shard->peer_pulls(pull, now_), std::nullopt);
    });
  }
}

void shard_fleet::salvage_answer(std::size_t at, std::size_t from, std::uint64_t ticket, bool well,
                                 const std::optional<content>& found) {
  auto& c = nodes_[at].salvage;
  if (!c || c->ticket != ticket)
    return;
  c->asked.erase(from);
  c->all_answered_well = c->all_answered_well && well;
  if (found
      && (!c->best || found->epoch > c->best->epoch
          || (found->epoch == c->best->epoch && found->items.size() > c->best->items.size())))
    c->best = found;
}

void shard_fleet::finish_salvage(std::size_t at) {
  auto& c = nodes_[at].salvage;
  if (!c || (!c->asked.empty() && now_ < c->deadline))
    return;
  const auto done = *std::exchange(c, std::nullopt);
  const bool complete = done.asked.empty() && done.all_answered_well;
  const auto actions = nodes_[at].shard->salvage_done(done.ticket, complete, now_);
  if (!complete && nodes_[at].shard->state() == shard_state::active)
    loss_excused_ = true;
  carry_out(at, actions, done.best.value_or(content{}));
}

void shard_fleet::carry_out(std::size_t at, const cluster::shard_actions& actions,
                            const std::optional<content>& found) {
  auto& n = nodes_[at];
  for (const auto& a : actions) {
    static constexpr const char* names[]{"want_turn",    "pull_from", "acknowledge", "salvage",
                                         "activate",     "pause",     "resume",      "seal",
                                         "hand_over_to", "drop",      "redirect",    "not_ready",
                                         "wrong_owner",  "unknown"};
    std::ostringstream line;
    line << n.id.name << " v" << n.view_no << ": " << names[static_cast<int>(a.kind)] << ' '
         << a.node.name << " view " << a.view_no << " as_of " << a.as_of << " ticket " << a.ticket
         << ' ' << a.to.name;
    note(line.str());
    switch (a.kind) {
      using enum shard_action::what;
    case want_turn:
      carry_out(at, n.shard->turn(now_), std::nullopt);
      break;
    case pull_from:
      send_pull(at, a);
      break;
    case salvage:
      begin_salvage(at, a);
      break;
    case hand_over_to:
      send_parts(at, a);
      break;
    case drop:
      n.holds.reset();
      break;
    case acknowledge:
      send(at, a.node, [this, to = index_of(a.node), me = n.id, ticket = a.ticket] {
        carry_out(to, nodes_[to].shard->handover_acknowledged(me, ticket), std::nullopt);
      });
      break;
    case activate:
      ++activations_;
      n.holds = found.value_or(content{});
      n.holds->epoch = a.epoch;
      for (std::size_t other = 0; other < nodes_.size(); ++other)
        if (other != at)
          send(at, nodes_[other].id, [this, other, epoch = a.epoch] {
            carry_out(other, nodes_[other].shard->owner_active(epoch, now_), std::nullopt);
          });
      break;
    case redirect:
    case not_ready:
    case wrong_owner:
    case unknown:
      send_refusal(at, a);
      break;
    default:
      break;
    }
  }
}

// -- time ----------------------------------------------------------------------------------------

void shard_fleet::step() {
  now_ += step_time;
  const auto later = std::stable_partition(wire_.begin(), wire_.end(),
                                           [&](const message& m) { return m.due <= now_; });
  std::vector<message> due{std::make_move_iterator(wire_.begin()), std::make_move_iterator(later)};
  wire_.erase(wire_.begin(), later);
  for (const auto& m : due) {
    auto& to = nodes_[m.to];
    if (to.crashed || to.id != m.receiver || nodes_[m.from].id != m.sender)
      continue;
    if (to.leased && now_ >= to.lease_until) {
      to.leased = false;
      carry_out(m.to, to.shard->lease_lost(), std::nullopt);
    }
    m.deliver();
  }
  step_leader();
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    step_node(i);
}

void shard_fleet::step_node(std::size_t at) {
  auto& n = nodes_[at];
  if (n.crashed) {
    if (now_ >= n.restart_at)
      restart(at);
    return;
  }
  if (n.leased && now_ >= n.lease_until) {
    n.leased = false;
    carry_out(at, n.shard->lease_lost(), std::nullopt);
  }
  // Who was declared dead finds out once its lease is over, and begins a new life.
  if (!views_.back().members.contains(at) && !n.leased && now_ >= n.cut_off_until) {
    restart(at);
    return;
  }
  if (now_ - n.last_contact >= 400ms && chance(20))
    renew_lease(at);
  carry_out(at, n.shard->tick(now_), std::nullopt);
  finish_salvage(at);
  if (n.shard->acts() && chance(20)) {
    all_.push_back(static_cast<int>(all_.size()));
    n.holds->items.push_back(all_.back());
  }
}

void shard_fleet::restart(std::size_t at) {
  auto& n = nodes_[at];
  if (n.holds)
    loss_excused_ = true;
  node fresh;
  fresh.id = {n.id.name, n.id.incarnation + 1};
  fresh.last_contact = now_;
  fresh.shard = std::make_unique<shard_lifecycle>(fresh.id, false);
  n = std::move(fresh);
  auto members = views_.back().members;
  members.insert(at); // a newer life proves that the old one is over
  note("restart " + n.id.name);
  decide(members, std::max(now_, fence_of_the_condemned_));
}

} // namespace argosy::testing
