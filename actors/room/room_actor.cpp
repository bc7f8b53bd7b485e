#include "actors/room/room_actor.hpp"

#include "actors/service_actor.hpp"
#include "runtime/cluster/salvage.hpp"

#include <utility>

namespace argosy {

namespace {

/// So long after a room's last publication its replicas elsewhere are told where it stands.
constexpr std::chrono::milliseconds head_after{5'000};

const channel_options& options_of(const node_services& node, const address& at) {
  static const channel_options unknown;
  const auto* found = node.channels->resolve(at.key());
  return found == nullptr ? unknown : *found;
}

// Where nodes come and go, a later epoch can be told from an earlier one.
std::string first_epoch(const node_services& node) {
  return node.others == nullptr ? random_token()
                                : cluster::epoch_name(node.others->view_no(), random_token());
}

} // namespace

const std::array<message_row<room_actor>, 15> room_actor::table_{
    on<&room_actor::offered>,
    on<&room_actor::admit>,
    on<&room_actor::forget>,
    on<&room_actor::joined>,
    on<&room_actor::left>,
    on<&room_actor::read>,
    on<&room_actor::clear>,
    on<&room_actor::tick>,
    on<&room_actor::describe_to>,
    on<&room_actor::consider_passivation>,
    on<&room_actor::forget_node>,
    on<&room_actor::restore>,
    on<&room_actor::surrender>,
    on<&room_actor::tell_head>,
    on<&room_actor::tell_who_lagged>,
};

room_actor::room_actor(caf::actor_config& config, strand& home, node_services& services,
                       argosy::address at)
    : addressed_actor(config, home, services, std::move(at)), options_(options_of(services, at_)),
      sequencer_(options_, first_epoch(services)) {
}

void room_actor::begin() {
  touched_ = now();
  behavior_ = node_.behaviors ? node_.behaviors(at_.key()) : std::make_unique<channel_behavior>();
  behavior_->on_activate(*this);
  tell_self_after(options_.passivate_after, room_idle_check{});
}

bool room_actor::act_on(caf::mailbox_element& what) {
  return dispatch(table_, *this, what.content());
}

template <class T>
void room_actor::tell_replicas(const T& message) {
  if (replica_)
    tell(replica_, message);
  if (!interest_.empty())
    node_.others->fan(interest_, at_, message);
  node_.metrics.fans.add(static_cast<std::int64_t>((replica_ ? 1U : 0U) + interest_.size()));
}

void room_actor::fan(const publication_ptr& what) {
  if (!relays(*what))
    return tell_replicas(fan_publication{what});
  if (replica_)
    tell(replica_, fan_publication{what});
  const auto& tree = relay_tree();
  node_.others->fan(tree, at_, relayed_publication{sequencer_.past().position().epoch, what});
  node_.metrics.fans.add(static_cast<std::int64_t>((replica_ ? 1U : 0U) + tree.size()));
}

// By two ways come two orders, so only what is numbered.
bool room_actor::relays(const publication& what) const noexcept {
  return node_.relay_above > 0 && interest_.size() > node_.relay_above && what.offset > 0;
}

const std::vector<cluster::relay_branch>& room_actor::relay_tree() {
  const auto view_no = node_.others->view_no();
  const auto revision = interest_.revision();
  if (!relay_plan_ || relay_plan_->view_no != view_no || relay_plan_->revision != revision)
    relay_plan_ = std::make_unique<relay_plan>(relay_plan{
        view_no, revision,
        cluster::relay_tree(interest_.nodes(), at_.hash(), view_no, {node_.relay_above})});
  return relay_plan_->tree;
}

room_sequencer::outcome room_actor::sequence(room_sequencer::draft d) {
  touched_ = now();
  d.wall_ms = wall_ms();
  auto outcome = sequencer_.accept(std::move(d), touched_);
  if (outcome.accepted) {
    node_.metrics.published.add();
    fan(outcome.accepted);
    head_has_moved();
  } else if (outcome.error == errc::none) {
    node_.metrics.deduplicated.add();
  } else {
    node_.metrics.refused.add();
  }
  return outcome;
}

void room_actor::offered(publish_room& m) {
  if (node_.fenced())
    return m.origin.answer(room_published{0, errc::retry_later, {}});
  publish_offer offer{m.publisher.get(), m.data};
  if (const auto refused = behavior_->on_publish(*this, offer); refused != errc::none) {
    node_.metrics.refused.add();
    m.origin.answer(room_published{0, refused, {}});
    return;
  }
  auto result = sequence({std::move(m.data), std::move(m.publisher), std::move(m.tags),
                          std::move(m.idempotency_key), m.conflation_key, m.skip_history, 0});
  if (!sequencer_.past().keeps())
    result.position = {};
  m.origin.answer(room_published{0, result.error, std::move(result.position)});
}

// One timer at a time: it comes again as long as there is news.
void room_actor::head_has_moved() {
  head_moved_at_ = touched_;
  if (!interest_.empty() && !std::exchange(head_due_, true))
    tell_self_after(head_after, room_head_due{});
}

void room_actor::tell_head(const room_head_due&) {
  const auto quiet_for = now() - head_moved_at_;
  if (quiet_for < head_after)
    return tell_self_after(std::chrono::ceil<std::chrono::milliseconds>(head_after - quiet_for),
                           room_head_due{});
  head_due_ = false;
  fan_head();
}

void room_actor::tell_who_lagged(const room_lagged&) {
  fan_head();
}

void room_actor::fan_head() {
  if (!interest_.empty() && !node_.fenced())
    node_.others->fan(interest_, at_, room_head{sequencer_.past().position()});
}

void room_actor::publish(std::string data) {
  sequence({std::move(data), nullptr, {}, {}, 0, false, 0});
}

void room_actor::read(const read_history& m) {
  if (node_.fenced())
    return m.origin.answer(history_read{0, errc::retry_later, {}, {}});
  auto& past = sequencer_.past();
  const auto* since = m.since ? &*m.since : nullptr;
  if (since != nullptr && !past.goes_on_from(*since)) {
    m.origin.answer(history_read{0, errc::unrecoverable_position, {}, past.position()});
    return;
  }
  m.origin.answer(
      history_read{0, errc::none, past.page(since, m.limit, m.reverse, now()), past.position()});
}

void room_actor::clear(const clear_history& m) {
  if (node_.fenced())
    return m.origin.answer(history_cleared{0, errc::retry_later});
  sequencer_.past().clear();
  tell_replicas(fan_cleared{sequencer_.past().position()});
  m.origin.answer(history_cleared{});
}

void room_actor::joined(const member_joined& m) {
  if (behavior_->wants_membership())
    behavior_->on_join(*this, *m.info);
  if (options_.join_leave)
    tell_replicas(fan_membership{m.info, true});
}

void room_actor::left(const member_left& m) {
  if (behavior_->wants_membership())
    behavior_->on_leave(*this, *m.info);
  if (options_.join_leave)
    tell_replicas(fan_membership{m.info, false});
}

void room_actor::admit(const declare_interest& m) {
  touched_ = now();
  auto& past = sequencer_.past();
  const bool same_epoch = m.known.epoch == past.position().epoch;
  interest_granted granted{past.content(same_epoch ? m.known : stream_position{}, touched_)};
  if (m.who.replica) {
    replica_ = m.who.replica;
    tell(replica_, std::move(granted));
  } else {
    interest_.declare(m.who.node, m.who.version);
    node_.others->tell_replica(m.who.node, at_, std::move(granted));
  }
}

void room_actor::forget(const retract_interest& m) {
  touched_ = now();
  if (!m.who.replica)
    interest_.retract(m.who.node, m.who.version);
  else if (replica_ == m.who.replica)
    replica_ = nullptr;
}

void room_actor::forget_node(const node_gone& m) {
  interest_.drop(m.who);
}

// -- from one owner to the next -------------------------------------------------------------------

void room_actor::restore(restore_room& m) {
  touched_ = now();
  take_over(m.what.interest, m.salvaged);
  sequencer_.adopt(std::move(m.what.past), std::move(m.what.keys), touched_);
  head_has_moved();
}

// Replicas go on from where they stand. But a salvaged room has begun another epoch, of which they
// know nothing until they are granted it; and who was not told that the shard had moved, because it
// came back to where it was, would not ask. The replica of this node always shows itself.
void room_actor::take_over(const std::vector<cluster::interest_set::line>& lines, bool salvaged) {
  for (const auto& line : lines)
    if (line.node == node_.others->self())
      node_.routes.route_here_if_active(at_.as(address_kind::replica), interest_lost{});
    else if (!salvaged)
      interest_.take(line);
    else if (line.wanted)
      node_.others->tell_replica(line.node, at_, interest_lost{});
}

// Nothing can come after this: the router sends what is for this shard elsewhere by now.
void room_actor::surrender(const surrender_room& m) {
  const auto instant = now();
  auto lines = interest_;
  if (replica_)
    lines.declare(node_.others->self(), ++node_.interest_changes);
  m.origin.answer(content_given{
      0, {at_, sequencer_.past_content(instant), sequencer_.keys(instant), lines.lines()}});
  if (node_.routes.retire(at_, id()))
    terminate(caf::exit_reason::normal);
}

void room_actor::tick(const behavior_due&) {
  behavior_->on_tick(*this);
}

void room_actor::tick_after(std::chrono::milliseconds delay) {
  tell_self_after(delay, behavior_due{});
}

void room_actor::consider_passivation(const room_idle_check&) {
  const auto idle = now() - touched_;
  const bool unused =
      !wanted() && idle >= options_.passivate_after && sequencer_.forgettable(now());
  if (!unused || !passivate())
    tell_self_after(options_.passivate_after, room_idle_check{});
}

void room_actor::forsake() noexcept {
  node_.routes.route_if_active(at_.as(address_kind::replica), interest_lost{});
  interest_.for_each([&](const cluster::node_identity& node) {
    node_.others->tell_replica(node, at_, interest_lost{});
  });
}

std::string room_actor::interested_names() const {
  std::string names = replica_ ? node_.node_name : std::string{};
  interest_.for_each([&](const cluster::node_identity& node) {
    names.append(names.empty() ? 0 : 1, ' ').append(node.name);
  });
  return names;
}

void room_actor::describe_to(const describe& m) {
  auto& past = sequencer_.past();
  m.origin.answer(
      description{0,
                  "room",
                  std::string{at_.text()},
                  {{"epoch", past.position().epoch},
                   {"offset", std::to_string(past.position().offset)},
                   {"history", std::to_string(past.size(now()))},
                   {"interested_nodes", std::to_string(interest_.size() + (replica_ ? 1U : 0U))},
                   {"nodes", interested_names()}}});
}

} // namespace argosy
