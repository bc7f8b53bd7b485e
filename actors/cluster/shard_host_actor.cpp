#include "actors/cluster/shard_host_actor.hpp"

#include "actors/cluster/cluster_routes.hpp"
#include "runtime/cluster/lease.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace argosy {

const std::array<message_row<shard_host_actor>, 8> shard_host_actor::table_{
    on<&shard_host_actor::given>,       on<&shard_host_actor::said>,
    on<&shard_host_actor::tick>,        on<&shard_host_actor::follow>,
    on<&shard_host_actor::ended>,       on<&shard_host_actor::begin_anew>,
    on<&shard_host_actor::describe_to>, on<&shard_host_actor::lives>,
};

shard_host_actor::shard_host_actor(caf::actor_config& config, strand& home,
                                   cluster_services& services, cluster_routes& routes)
    : strand_actor(config, home), cluster_(services), routes_(routes),
      shards_(shard_count, cluster::shard_lifecycle{services.self(), false}) {
}

void shard_host_actor::receive(caf::mailbox_element& what) {
  look_at_lease();
  dispatch(table_, *this, what.content());
  announce_active();
}

// -- views ----------------------------------------------------------------------------------------

void shard_host_actor::follow(const follow_view& m) {
  note_the_silent(*m.view);
  view_ = m.view;
  placement_ = m.by;
  everyone_fenced_at_ = now() + cluster::lease_settings{}.fence();
  for (shard_number shard = 0; shard < shard_count; ++shard)
    carry_out(shard, shards_[shard].view_changed(ownership_of(shard), now()));
  give_turns();
  tell_whether_empty();
}

static std::chrono::milliseconds lease_left_of(const cluster::view& v,
                                               const cluster::node_identity& id) {
  constexpr auto whole = cluster::lease_settings{}.fence();
  for (const auto& left : v.leases_left)
    if (left.id == id)
      return std::min(whole, std::chrono::milliseconds{left.ms});
  return whole;
}

// Who is a member no more may act for as long as its lease lasts, unless its process has ended or
// goes on as a later life (which has dropped the lease of the last one). Of those who went in a
// view that was never seen here nothing better is known.
void shard_host_actor::note_the_silent(const cluster::view& next) {
  std::set<identity> gone;
  if (view_)
    for (const auto& m : view_->members)
      gone.insert(m.id);
  for (const auto& m : next.previous.members)
    gone.insert(m.id);
  if (!view_ || next.no > view_->no + 1)
    gone.insert(next.fenced.begin(), next.fenced.end());
  const auto instant = now();
  const auto is_over = [&](const identity& id) {
    const auto* heir = cluster::find(next, id.name);
    return id.name == cluster_.self().name || ended_.contains(id)
           || (heir != nullptr && heir->id.incarnation > id.incarnation);
  };
  std::erase_if(silent_, [&](const auto& s) { return s.second <= instant || is_over(s.first); });
  for (const auto& id : gone)
    if (cluster::find(next, id) == nullptr && !is_over(id))
      silent_.try_emplace(id, instant + lease_left_of(next, id));
  std::erase_if(ended_, [&](const identity& id) { return cluster::find(next, id) == nullptr; });
  look_at_fences();
}

void shard_host_actor::look_at_fences() {
  outsiders_fenced_at_ = now();
  for (const auto& [id, until] : silent_)
    outsiders_fenced_at_ = std::max(outsiders_fenced_at_, until);
}

cluster::shard_ownership shard_host_actor::ownership_of(shard_number shard) const {
  cluster::shard_ownership out;
  out.view_no = view_->no;
  const auto* owner = placement_->owner(shard);
  out.mine = owner != nullptr && *owner == cluster_.self();
  if (!out.mine && shards_[shard].state() == cluster::shard_state::none)
    return out; // it matters only to its owner where it comes from
  if (const auto* previous = placement_->previous_owner_of(shard)) {
    out.previous = *previous;
    out.fate = cluster::find(*view_, *previous) != nullptr ? cluster::owner_fate::member
                                                           : cluster::owner_fate::gone;
  } else if (!view_->fenced.empty()) {
    out.fate = cluster::owner_fate::gone;
  }
  out.outsiders_fenced_at = outsiders_fenced_at_;
  out.everyone_fenced_at = everyone_fenced_at_;
  return out;
}

void shard_host_actor::ended(const node_ended& m) {
  ended_.insert(m.who);
  if (silent_.erase(m.who) == 0)
    return;
  look_at_fences();
  for (const auto shard : std::set<shard_number>{busy_})
    carry_out(shard, shards_[shard].outsiders_fenced(outsiders_fenced_at_, now()));
  give_turns();
}

// Should it fall silent later, that proves nothing.
void shard_host_actor::lives(const node_lives& m) {
  ended_.erase(m.who);
}

// -- lives and leases -----------------------------------------------------------------------------

void shard_host_actor::begin_anew(const host_anew&) {
  shards_.assign(shard_count, cluster::shard_lifecycle{cluster_.self(), false});
  leased_ = false;
  queue_ = cluster::handoff_queue{};
  busy_.clear();
  sealed_.clear();
  incoming_.clear();
  searches_.clear();
  salvaged_.clear();
  collections_.clear();
  collecting_.clear();
  sealing_.clear();
  newly_active_.clear();
}

void shard_host_actor::look_at_lease() {
  const bool leased = !cluster_.node.fenced();
  if (leased == std::exchange(leased_, leased))
    return;
  for (shard_number shard = 0; shard < shard_count; ++shard)
    carry_out(shard, leased ? shards_[shard].lease_regained() : shards_[shard].lease_lost());
}

void shard_host_actor::tick(const host_tick&) {
  const auto instant = now();
  end_late(instant);
  for (const auto shard : std::set<shard_number>{busy_})
    carry_out(shard, shards_[shard].tick(instant));
  give_turns();
  routes_.tick(instant);
  tell_whether_empty();
  tell_self_after(host_tick::every, host_tick{});
}

// A node that leaves may go once nobody needs anything from it, be it only the word whom to ask.
void shard_host_actor::tell_whether_empty() {
  if (!cluster_.leaving.load() || !view_ || !sealed_.empty() || !collections_.empty())
    return;
  const auto is_done = [](const cluster::shard_lifecycle& s) {
    return s.forgettable() && !s.holds_content();
  };
  if (std::all_of(shards_.begin(), shards_.end(), is_done))
    cluster_.empty_in_view.store(view_->no, std::memory_order_release);
}

void shard_host_actor::describe_to(const describe& m) {
  std::array<std::size_t, 5> states{};
  for (const auto& s : shards_)
    ++states[static_cast<std::size_t>(s.state())];
  description answer{0, "shards", to_string(cluster_.self()), {}};
  for (std::size_t i = 1; i < states.size(); ++i)
    answer.facts.emplace_back(to_string(static_cast<cluster::shard_state>(i)),
                              std::to_string(states[i]));
  answer.facts.emplace_back("moving", std::to_string(queue_.moving()));
  answer.facts.emplace_back("waiting", std::to_string(queue_.waiting()));
  m.origin.answer(std::move(answer));
}

} // namespace argosy
