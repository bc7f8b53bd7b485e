#include "actors/room/room_replica_actor.hpp"

#include "runtime/deflated_twin.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// How long a replica without subscribers stays interested: people reload pages.
constexpr std::chrono::milliseconds interest_linger{10'000};

/// Who has waited so long for the room is told to come again.
constexpr std::chrono::milliseconds join_patience{5'000};

/// For so long a room that forgets at once waits for what may still come by way of a relay.
constexpr std::chrono::milliseconds relay_patience{1'000};

/// How often the room is asked on behalf of a client that knows more of it than is here.
constexpr std::uint8_t asks_max = 3;

history empty_past(const node_services& node, const address& at) {
  const auto* options = node.channels->resolve(at.key());
  return options == nullptr ? history{"", 0, std::chrono::milliseconds{0}}
                            : history{"", options->history_size, options->history_ttl};
}

} // namespace

const std::array<message_row<room_replica_actor>, 14> room_replica_actor::table_{
    on<&room_replica_actor::fan>,          on<&room_replica_actor::join>,
    on<&room_replica_actor::loop_gone>,    on<&room_replica_actor::granted>,
    on<&room_replica_actor::lost>,         on<&room_replica_actor::tell_of_member>,
    on<&room_replica_actor::cleared>,      on<&room_replica_actor::consider_leaving>,
    on<&room_replica_actor::describe_to>,  on<&room_replica_actor::yield>,
    on<&room_replica_actor::give_up_late>, on<&room_replica_actor::compare>,
    on<&room_replica_actor::relayed>,      on<&room_replica_actor::give_up_missing>,
};

room_replica_actor::room_replica_actor(caf::actor_config& config, strand& home,
                                       node_services& services, argosy::address at)
    : addressed_actor(config, home, services, std::move(at)), room_(at_.as(address_kind::room)),
      past_(empty_past(services, at_)), with_offset_(past_.keeps()),
      loops_(services.fan_workers.size()) {
}

bool room_replica_actor::act_on(caf::mailbox_element& what) {
  return dispatch(table_, *this, what.content());
}

void room_replica_actor::lost(const interest_lost&) {
  ask_for_interest();
}

// What is still on its way by a relay was said before.
void room_replica_actor::cleared(const fan_cleared& m) {
  const auto& here = past_.position();
  if (m.position.epoch == here.epoch && m.position.offset > here.offset)
    clear_at_ = m.position.offset;
  else
    past_.clear();
}

// The last publication of a burst has nothing behind it that would show that it is missing.
void room_replica_actor::compare(const room_head& m) {
  if (granted_ && m.position != past_.position())
    ask_for_interest();
}

void room_replica_actor::ask_for_interest() {
  node_.routes.route(room_,
                     declare_interest{me(), granted_ ? past_.position() : stream_position{}});
}

interested_party room_replica_actor::me() {
  return {handle(), {}, ++node_.interest_changes};
}

void room_replica_actor::granted(interest_granted& m) {
  const bool waits = behind_ && may_be_on_its_way() && !overdue_; // whatever the room says
  if (granted_) {
    catch_up(m);
  } else {
    past_.adopt(std::move(m.past), now());
    granted_ = true;
  }
  behind_ = waits;
  deliver_early();
  for (auto& one : std::exchange(waiting_, {}))
    if (knows_more(one) && ++one.asked < asks_max)
      join(one); // this was the answer to an older question
    else
      admit(one);
}

// The same room goes on, and its tail reaches back to where we stood: members get what they missed.
// Otherwise they have a gap, or stand in an epoch that is over, and only a new subscription can
// tell them so; it resumes where the new epoch goes on from theirs.
void room_replica_actor::catch_up(interest_granted& m) {
  const auto& mine = past_.position();
  const auto& [there, ancestors, tail] = m.past;
  const bool goes_on = there.epoch == mine.epoch;
  const bool overdue = std::exchange(overdue_, false);
  if (goes_on && there.offset <= mine.offset)
    return; // what was missing has come meanwhile
  const auto missed = there.offset - mine.offset;
  if (goes_on && missed <= tail.size()) {
    for (auto p = tail.end() - static_cast<std::ptrdiff_t>(missed); p != tail.end(); ++p)
      deliver(*p);
    return;
  }
  if (goes_on && may_be_on_its_way() && !overdue)
    return early_.expect(there);
  const auto stood_at = mine;
  past_.adopt(std::move(m.past), now());
  // Who was never told a position needs no new one, if nothing was missed.
  const bool unbroken = past_.goes_on_from(stood_at) && past_.position().offset == stood_at.offset;
  if (with_offset_ || !unbroken)
    evict_all();
}

void room_replica_actor::evict_all() {
  for (std::size_t i = 0; i < loops_.size(); ++i)
    if (loops_[i].members)
      tell(node_.fan_workers[i], evict_members{room_, 2500});
}

void room_replica_actor::join(join_replica& m) {
  if (granted_ && !knows_more(m))
    return admit(m);
  if (m.came_at == std::chrono::steady_clock::time_point{})
    m.came_at = now();
  waiting_.push_back(std::move(m));
  if (!std::exchange(joins_due_, true))
    tell_self_after(join_patience, joins_due{});
  if (granted_)
    ask_for_interest();
}

// The room is out of reach: whoever has waited for long is told so, and the room is asked again.
void room_replica_actor::give_up_late(const joins_due&) {
  joins_due_ = false;
  if (waiting_.empty())
    return;
  std::erase_if(waiting_, [&](const join_replica& m) {
    const bool late = now() - m.came_at >= join_patience;
    if (late)
      answer(m, {room_, handle(), m.subscriber, errc::retry_later, {}, {}, false, 0});
    return late;
  });
  joins_due_ = !waiting_.empty();
  if (joins_due_) // they came one after the other
    tell_self_after(std::chrono::ceil<std::chrono::milliseconds>(waiting_.front().came_at
                                                                 + join_patience - now()),
                    joins_due{});
  ask_for_interest();
}

// A client that comes from another node may have had what is still on its way to this one. Told of
// our position it would go back, and get the same again.
bool room_replica_actor::knows_more(const join_replica& m) const {
  const auto& here = past_.position();
  return m.recover && m.since.epoch == here.epoch && m.since.offset > here.offset;
}

void room_replica_actor::admit(const join_replica& m) {
  member_admitted a{room_, handle(), m.subscriber, errc::none, past_.position(), {}, false, 0};
  if (m.recover) {
    auto resumed = past_.recover(m.since, node_.limits.recovery_publications_max, now());
    a.recovered = resumed.recovered;
    a.missed = std::move(resumed.missed);
  }
  answer(m, std::move(a));
}

void room_replica_actor::answer(const join_replica& m, member_admitted a) {
  auto& loop = loops_[m.loop];
  a.joins = ++loop.joins;
  loop.members = true;
  tell(node_.fan_workers[m.loop], std::move(a));
}

void room_replica_actor::loop_gone(const loop_left& m) {
  auto& loop = loops_[m.loop];
  if (m.joins_seen != loop.joins)
    return; // somebody is on the way in
  loop.members = false;
  tell_self_after(interest_linger, linger_over{});
}

void room_replica_actor::consider_leaving(const linger_over&) {
  const auto busy = [](const loop_state& loop) { return loop.members; };
  if (!waiting_.empty() || std::any_of(loops_.begin(), loops_.end(), busy))
    return;
  if (passivate())
    node_.routes.route_if_active(room_, retract_interest{me()});
  else
    tell_self_after(interest_linger, linger_over{});
}

std::shared_ptr<encoded_message> room_replica_actor::encode(const push_body& body) const {
  auto made = std::make_shared<encoded_message>();
  for (const auto* speaks : {&json_dialect(), &capnp_dialect()}) {
    const auto i = dialect_index(*speaks);
    if (node_.metrics.speakers[i].get() == 0)
      continue;
    made->by_dialect[i] = speaks->encode_push(room_.key(), body, with_offset_);
    if (node_.deflate_wanted())
      made->by_dialect[i] = with_deflated_twin(std::move(made->by_dialect[i]));
    node_.metrics.encoded.add();
  }
  return made;
}

void room_replica_actor::fan(const fan_publication& m) {
  const auto offset = m.what->offset;
  if (offset == 0)
    return deliver(m.what);
  if (granted_)
    take_up(past_.position().epoch, m.what);
}

void room_replica_actor::relayed(const relayed_publication& m) {
  relayed_ = true;
  take_up(m.epoch, m.what);
}

void room_replica_actor::take_up(const std::string& epoch, const publication_ptr& what) {
  const auto& here = past_.position();
  const bool follows = granted_ && epoch == here.epoch;
  if (follows && what->offset <= here.offset)
    return; // it came with a grant, or by another way
  if (follows && what->offset == here.offset + 1)
    deliver(what);
  else
    early_.put(epoch, what);
  deliver_early();
}

void room_replica_actor::deliver_early() {
  if (!granted_)
    return;
  while (const auto next = early_.take_after(past_.position()))
    deliver(next);
  if (!early_.know_more_than(past_.position()) || std::exchange(behind_, true))
    return;
  if (may_be_on_its_way())
    tell_self_after(relay_patience, relays_due{});
  else
    ask_for_interest();
}

// A room that keeps its past is asked at once, since it answers with what is missing. One that does
// not can only say that it is gone, which is premature while a slower way may still bring it.
bool room_replica_actor::may_be_on_its_way() const noexcept {
  return relayed_ && !past_.keeps();
}

void room_replica_actor::give_up_missing(const relays_due&) {
  behind_ = overdue_ = early_.know_more_than(past_.position());
  if (overdue_)
    ask_for_interest();
}

void room_replica_actor::deliver(const publication_ptr& what) {
  if (what->offset > 0) {
    past_.append(what, now());
    if (what->offset == clear_at_)
      past_.clear();
  }
  auto message = encode(push_body{what});
  message->offset = what->offset;
  message->accepted_at = what->accepted_at;
  message->conflation_key = what->conflation_key;
  message->in = what->conflation_key != 0 ? lane::latest : lane::event;
  fan_to_loops(std::move(message));
}

void room_replica_actor::tell_of_member(const fan_membership& m) {
  auto message = encode(m.joined ? push_body{join_push{m.info}} : push_body{leave_push{m.info}});
  message->members_only = true;
  fan_to_loops(std::move(message));
}

void room_replica_actor::fan_to_loops(std::shared_ptr<const encoded_message> message) {
  for (std::size_t i = 0; i < loops_.size(); ++i)
    if (loops_[i].members)
      tell(node_.fan_workers[i], fan_out{room_, message});
}

void room_replica_actor::forsake() noexcept {
  for (const auto& worker : node_.fan_workers)
    tell(worker, evict_members{room_, 2500});
}

// A replica that was never granted anything knows of nothing.
void room_replica_actor::yield(const yield_ring& m) {
  content_given answer{0, {room_, {}, {}, {}}};
  if (granted_) {
    answer.what.past = past_.content(now());
    answer.what.interest.push_back({node_.others->self(), ++node_.interest_changes, true});
  }
  m.origin.answer(std::move(answer));
}

void room_replica_actor::describe_to(const describe& m) {
  const auto busy = [](const loop_state& loop) { return loop.members; };
  m.origin.answer(description{
      0,
      "replica",
      std::string{at_.text()},
      {{"epoch", past_.position().epoch},
       {"offset", std::to_string(past_.position().offset)},
       {"ring", std::to_string(past_.size(now()))},
       {"loops_with_members", std::to_string(std::count_if(loops_.begin(), loops_.end(), busy))}}});
}

} // namespace argosy
