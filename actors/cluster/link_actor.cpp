#include "actors/cluster/link_actor.hpp"

#include "runtime/wire/node/batch_codec.hpp"

#include <utility>

namespace argosy {

const std::array<message_row<link_actor>, 19> link_actor::table_{
    on<&link_actor::post>,
    on<static_cast<void (link_actor::*)(const link_batch&)>(&link_actor::take)>,
    on<&link_actor::answer<room_published>>,
    on<&link_actor::flush>,
    on<&link_actor::answer<session_opened>>,
    on<&link_actor::answer<presence_listed>>,
    on<&link_actor::answer<history_read>>,
    on<&link_actor::answer<history_cleared>>,
    on<&link_actor::answer<sessions_commanded>>,
    on<&link_actor::answer<description>>,
    on<&link_actor::answer<node_told>>,
    on<&link_actor::answer<members_counted>>,
    on<&link_actor::opened>,
    on<&link_actor::lost>,
    on<&link_actor::over>,
    on<&link_actor::expire>,
    on<&link_actor::view_followed>,
    on<&link_actor::return_late>,
    on<&link_actor::describe_to>,
};

link_actor::link_actor(caf::actor_config& config, strand& home, cluster_services& services,
                       cluster::node_identity to)
    : strand_actor(config, home), cluster_(services), node_(services.node), to_(std::move(to)),
      outbox_(services.settings.link), inbox_(epoch_of_connection),
      view_followed_(services.view_no.load()) {
}

void link_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

// -- out ------------------------------------------------------------------------------------------

void link_actor::post(post_envelope& m) {
  using verdict = cluster::outbox::verdict;
  const auto said =
      over_ ? verdict::full : outbox_.push(m.lane, m.policy, m.key, std::move(m.bytes));
  if (said == verdict::lagging)
    lagged_.try_emplace(m.key, std::move(m.room));
  if (said == verdict::full || said == verdict::too_large) {
    if (m.otherwise != nullptr && m.origin.actor)
      m.otherwise(m.origin);
    return;
  }
  if (m.question != 0) {
    questions_.emplace(m.question, question{std::move(m.origin), m.otherwise});
    deadlines_.emplace_back(now() + cluster_.settings.question_timeout, m.question);
    if (!std::exchange(expiry_due_, true))
      tell_self_after(cluster_.settings.question_timeout, questions_due{});
  }
  pump();
}

template <class Answer>
void link_actor::answer(Answer& m) {
  const auto number = std::exchange(m.ticket, 0);
  outbox_.push(cluster::link_lane::ack, cluster::message_class::must_deliver, 0,
               wire::encode(cluster_.view_no.load(), argosy::address{}, number, m, now()));
  pump();
}

// What is due leaves at once when the link has been idle; under load a batch gathers for 2 ms or
// 64 KiB.
void link_actor::pump() {
  while (connection_ != 0) {
    const auto due = outbox_.next_flush_at();
    if (!due)
      break;
    const auto instant = now();
    if (*due > instant) {
      if (!std::exchange(flush_due_, true))
        tell_self_after(std::chrono::ceil<std::chrono::milliseconds>(*due - instant), flush_due{});
      break;
    }
    const auto batch = outbox_.take_batch(instant);
    if (batch.sequence == 0)
      break;
    ship(batch.sequence, batch.envelopes);
  }
  catch_up();
  note_state();
}

// Their events go out again; each room tells where it stands, and who finds a gap asks for the
// rest.
void link_actor::catch_up() {
  if (lagged_.empty() || !outbox_.roomy())
    return;
  for (const auto& [key, room] : std::exchange(lagged_, {})) {
    outbox_.resume(key);
    node_.routes.route_here_if_active(room, room_lagged{});
  }
}

void link_actor::ship(std::uint64_t sequence, std::span<const cluster::outbox::envelope> what) {
  credit_ = inbox_.take_credit(true).value_or(credit_);
  auto batch = std::make_shared<const std::string>(
      wire::encode_batch({epoch_of_connection, sequence, credit_, 0}, what));
  bump(figures_->batches_out);
  bump(figures_->envelopes_out, what.size());
  bump(figures_->bytes_out, batch->size());
  cluster_.transport.send(connection_, std::move(batch));
}

void link_actor::note_state() {
  auto& f = *figures_;
  f.connected.store(connection_ != 0, std::memory_order_relaxed);
  f.questions.store(questions_.size(), std::memory_order_relaxed);
  f.queued_bytes.store(outbox_.queued_bytes(), std::memory_order_relaxed);
  f.in_flight_bytes.store(outbox_.in_flight(), std::memory_order_relaxed);
  const auto& lost = outbox_.counts().lost;
  for (std::size_t i = 0; i < lost.size(); ++i)
    f.lost[i].store(lost[i], std::memory_order_relaxed);
}

void link_actor::flush(const flush_due&) {
  flush_due_ = false;
  pump();
}

// -- the connection -------------------------------------------------------------------------------

void link_actor::opened(const link_opened& m) {
  if (over_)
    return cluster_.transport.close(m.connection);
  if (connection_ != 0)
    give_up_all(); // a break that this side had not noticed: what was under way is lost
  early_.clear();
  early_bytes_ = 0;
  connection_ = m.connection;
  outbox_.restart();
  inbox_.restart(epoch_of_connection);
  credit_ = 0;
  pump();
}

void link_actor::lost(const link_lost& m) {
  if (m.connection != connection_)
    return;
  connection_ = 0;
  early_.clear();
  early_bytes_ = 0;
  give_up_all();
  note_state();
}

void link_actor::over(const link_over&) {
  over_ = true;
  if (connection_ != 0)
    cluster_.transport.close(std::exchange(connection_, 0));
  outbox_.close();
  give_up_all();
  terminate(caf::exit_reason::normal);
}

// The peer may have acted on what it was sent, or not: nobody can say, so the asker decides.
void link_actor::give_up_all() {
  deadlines_.clear();
  for (auto& [number, q] : std::exchange(questions_, {}))
    if (q.otherwise != nullptr)
      q.otherwise(q.origin);
}

void link_actor::expire(const questions_due&) {
  expiry_due_ = false;
  const auto instant = now();
  while (!deadlines_.empty() && deadlines_.front().first <= instant) {
    const auto late = questions_.extract(deadlines_.front().second);
    deadlines_.pop_front();
    if (late && late.mapped().otherwise != nullptr)
      late.mapped().otherwise(late.mapped().origin);
  }
  while (!deadlines_.empty() && !questions_.contains(deadlines_.front().second))
    deadlines_.pop_front();
  if (!deadlines_.empty() && !std::exchange(expiry_due_, true))
    tell_self_after(
        std::chrono::ceil<std::chrono::milliseconds>(deadlines_.front().first - instant),
        questions_due{});
}

void link_actor::describe_to(const describe& m) {
  const auto& counts = outbox_.counts();
  std::uint64_t lost = 0;
  for (const auto n : counts.lost)
    lost += n;
  m.origin.answer(
      description{0,
                  "link",
                  to_string(to_),
                  {{"state", connection_ != 0 ? "connected" : "apart"},
                   {"queued_bytes", std::to_string(outbox_.queued_bytes())},
                   {"in_flight_bytes", std::to_string(outbox_.in_flight())},
                   {"window_bytes", std::to_string(cluster_.settings.link.window_bytes)},
                   {"lagging_rooms", std::to_string(outbox_.lagging())},
                   {"sent", std::to_string(counts.taken)},
                   {"lost", std::to_string(lost)},
                   {"questions", std::to_string(questions_.size())},
                   {"not_understood", std::to_string(figures_->not_understood.load())}}});
}

} // namespace argosy
