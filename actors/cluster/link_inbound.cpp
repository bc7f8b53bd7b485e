// What comes over a link, put through to those it is for.
#include "actors/cluster/link_actor.hpp"
#include "runtime/messages/mesh.hpp"
#include "runtime/wire/node/batch_codec.hpp"

#include <utility>

namespace argosy {

namespace {

/// These never wake anybody: whom they are for sleeps only when they do not matter any more.
using idle_news = std::variant<retract_interest, member_left, session_closed>;
template <class T>
constexpr bool wakes = !detail::is_alternative<T, idle_news>::value;

/// Between a message's return and its next attempt.
constexpr std::chrono::milliseconds bounce_pause{50};

} // namespace

void link_actor::take(const link_batch& m) {
  if (m.connection != connection_)
    return;
  wire::batch_view batch;
  if (wire::decode_batch(*m.bytes, batch) != wire::envelope_flaw::none) {
    bump(figures_->not_understood);
    return cluster_.transport.close(connection_);
  }
  std::size_t bytes = 0;
  for (const auto& e : batch.envelopes)
    bytes += e.size();
  const bool counts = batch.head.sequence != 0;
  if (counts
      && inbox_.arrived(batch.head.link_epoch, batch.head.sequence, bytes)
             != cluster::inbox_window::verdict::fresh)
    return cluster_.transport.close(connection_);
  if (!outbox_.acked(batch.head.handled_bytes))
    return cluster_.transport.close(connection_);
  bump(figures_->bytes_in, m.bytes->size());
  bump(figures_->envelopes_in, batch.envelopes.size());
  for (const auto& e : batch.envelopes)
    take_envelope(e);
  inbox_.handled(bytes);
  pump(); // what leaves now carries the credit with it
  if (const auto credit = inbox_.take_credit(outbox_.queued() == 0)) {
    credit_ = *credit;
    ship(0, {});
  }
  note_state();
}

void link_actor::take_envelope(std::string_view bytes) {
  node_envelope e;
  if (wire::decode(bytes, e, now()) != wire::envelope_flaw::none) {
    bump(figures_->not_understood);
    return;
  }
  if (e.view_no > cluster_.view_no.load() && e.view_no > view_heard_) {
    view_heard_ = e.view_no;
    tell(cluster_.membership, heard_of_view{to_, e.view_no});
  }
  struct {
    link_actor& self;
    node_envelope& e;
    std::string_view bytes;
    void operator()(routed_message& m) const {
      if (!e.to)
        self.take(e.question, std::get<describe>(m));
      else if (self.node_.routes.place_of(e.to.shard()) == this_node)
        self.take(e.to, e.question, m);
      else
        self.bounce(bytes);
    }
    void operator()(replica_message& m) const { self.take(e.to, m); }
    void operator()(node_answer& m) const { self.take(e.question, m); }
    void operator()(peer_message& m) const { self.take(e.question, m); }
  } const put_through{*this, e, bytes};
  std::visit(put_through, e.what);
}

void link_actor::take(const argosy::address& to, std::uint32_t number, routed_message& m) {
  std::visit(
      [&](auto& what) {
        using message = std::decay_t<decltype(what)>;
        if constexpr (requires { what.origin; })
          if (number != 0)
            what.origin = {handle(), number};
        if constexpr (requires { what.who.node; })
          what.who.node = to_;
        if constexpr (requires { what.gateway; })
          what.gateway = to_;
        if constexpr (wakes<message>)
          node_.routes.route_here(to, std::move(what));
        else
          node_.routes.route_here_if_active(to, std::move(what));
      },
      m);
}

// To no address: of the node itself its membership speaks.
void link_actor::take(std::uint32_t number, describe& m) {
  if (number == 0)
    return;
  m.origin = {handle(), number};
  tell(cluster_.membership, std::move(m));
}

// Only from the room's owner, as this node knows it: an earlier one may not know yet that it is
// not.
void link_actor::take(const argosy::address& to, replica_message& m) {
  const auto from = cluster_.peers.find(to_);
  if (!from || node_.routes.place_of(to.shard()) != from->at)
    return;
  std::visit(
      [&](auto& what) {
        node_.routes.route_here_if_active(to.as(address_kind::replica), std::move(what));
      },
      m);
}

void link_actor::take(std::uint32_t number, node_answer& m) {
  const auto found = questions_.extract(number);
  if (!found)
    return; // given up meanwhile
  std::visit([&](auto& what) { found.mapped().origin.answer(std::move(what)); }, m);
}

void link_actor::take(std::uint32_t number, peer_message& m) {
  if (auto* about = std::get_if<inquire_node>(&m))
    return ask_admin(number, *about);
  if (auto* count = std::get_if<count_members>(&m))
    return ask_admin(number, *count);
  if (const auto* back = std::get_if<cluster::bounced>(&m))
    return bounced_back(*back);
  if (const auto* order = std::get_if<cluster::for_sessions>(&m))
    return give(*order);
  if (const auto* wanted = std::get_if<presence_wanted>(&m))
    return tell(node_.presence_agent, *wanted);
  tell(cluster_.membership, peer_said{to_, std::move(m)});
}

template <class Question>
void link_actor::ask_admin(std::uint32_t number, Question& m) {
  if (number == 0)
    return;
  m.origin = {handle(), number};
  tell(node_.admin, std::move(m));
}

void link_actor::give(const cluster::for_sessions& m) {
  for (const auto client : m.clients)
    if (const auto connection = node_.sessions.find(client))
      std::visit([&](const auto& order) { tell(connection, order); }, m.order);
}

// -- what came to the wrong owner -----------------------------------------------------------------

void link_actor::bounce(std::string_view envelope) {
  outbox_.push(cluster::link_lane::ack, cluster::message_class::must_deliver, 0,
               wire::encode(cluster_.view_no.load(), argosy::address{}, 0,
                            cluster::bounced{std::string{envelope}, cluster::bounce::wrong_owner},
                            now()));
}

// One of the two knows a newer view and the other will in a moment.
void link_actor::bounced_back(const cluster::bounced& m) {
  tell_self_after(bounce_pause, retry_bounced{m.envelope});
}

void link_actor::try_again(const retry_bounced& m) {
  node_envelope e;
  if (wire::decode(m.envelope, e, now()) != wire::envelope_flaw::none)
    return;
  auto* routed = std::get_if<routed_message>(&e.what);
  const auto asked = questions_.extract(e.question);
  if (routed == nullptr || (e.question != 0 && !asked))
    return; // given up meanwhile
  std::visit(
      [&](auto& what) {
        if constexpr (requires { what.origin; })
          if (asked)
            what.origin = asked.mapped().origin;
        // The envelope left the replica's handle ashore: the replica itself asks again.
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, declare_interest>)
          node_.routes.route_here_if_active(e.to.as(address_kind::replica), interest_lost{});
        else if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, retract_interest>)
          node_.routes.route(e.to, std::move(what));
      },
      *routed);
}

} // namespace argosy
