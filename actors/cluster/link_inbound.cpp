// What comes over a link, put through to those it is for.
#include "actors/cluster/cluster_routes.hpp"
#include "actors/cluster/link_actor.hpp"
#include "runtime/messages/mesh.hpp"
#include "runtime/wire/node/batch_codec.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// So much is kept of what was sent by a view that this node does not know yet.
constexpr std::size_t early_bytes_max = 1 << 20;

using of_shards_only =
    std::variant<cluster::shard_wanted, cluster::shard_part, cluster::shard_refused,
                 cluster::shard_received, cluster::shards_active>;
bool of_shards(const peer_message& m) {
  return std::visit(
      [](const auto& what) {
        return detail::is_alternative<std::decay_t<decltype(what)>, of_shards_only>::value;
      },
      m);
}

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
    cluster_.view_heard.store(std::max(cluster_.view_heard.load(), e.view_no));
    tell(cluster_.membership, heard_of_view{to_, e.view_no});
  }
  if (comes_early(e))
    return keep_for_later(bytes, e);
  put_through(e, bytes);
}

// Whoever sent it acts by a view that this node will have in a moment: until then it cannot say
// whether it owns what the message is for. What comes behind it waits, too.
bool link_actor::comes_early(const node_envelope& e) const {
  const auto* said = std::get_if<peer_message>(&e.what);
  const bool waits = (e.to && std::holds_alternative<routed_message>(e.what))
                     || (said != nullptr && std::holds_alternative<cluster::view_barrier>(*said));
  return waits && (!early_.empty() || e.view_no > view_followed_);
}

void link_actor::keep_for_later(std::string_view bytes, const node_envelope& e) {
  if (early_bytes_ + bytes.size() > early_bytes_max)
    return bounce(bytes, e.view_no, cluster::bounce::not_ready);
  early_bytes_ += bytes.size();
  early_.emplace_back(bytes);
}

void link_actor::view_followed(const argosy::view_followed& m) {
  view_followed_ = m.no;
  early_bytes_ = 0;
  for (const auto& bytes : std::exchange(early_, {}))
    take_envelope(bytes);
  pump();
}

void link_actor::put_through(node_envelope& e, std::string_view bytes) {
  struct {
    link_actor& self;
    node_envelope& e;
    std::string_view bytes;
    void operator()(routed_message& m) const {
      if (!e.to)
        self.take(e.question, std::get<describe>(m));
      else
        self.take(e, m, bytes);
    }
    void operator()(replica_message& m) const { self.take(self.to_, e.to, m); }
    void operator()(node_answer& m) const { self.take(e.question, m); }
    void operator()(peer_message& m) const { self.take(e.question, e.view_no, m); }
  } const to_its_reader{*this, e, bytes};
  std::visit(to_its_reader, e.what);
}

void link_actor::take(const node_envelope& e, routed_message& m, std::string_view bytes) {
  std::visit(
      [&](auto& what) {
        if constexpr (requires { what.origin; })
          if (e.question != 0)
            what.origin = {handle(), e.question};
        if constexpr (requires { what.who.node; })
          what.who.node = to_;
        if constexpr (requires { what.gateway; })
          what.gateway = to_;
      },
      m);
  if (!cluster_.routes->take_in(e.to, m, handle(), bytes, e.view_no))
    bounce(bytes, e.view_no, cluster::bounce::wrong_owner);
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
void link_actor::take(const cluster::node_identity& owner, const argosy::address& to,
                      replica_message& m) {
  const auto from = cluster_.peers.find(owner);
  if (!from || !cluster_.routes->owns(from->at, to.shard()))
    return;
  std::visit(
      [&](auto& what) {
        node_.routes.route_here_if_active(to.as(address_kind::replica), std::move(what));
      },
      m);
}

// First those who are further away.
void link_actor::take(cluster::relay_fan& m) {
  node_envelope e;
  if (!open_relayed(m.envelope, e))
    return;
  cluster_.routes->relay(to_, e.to, std::move(m));
  take(to_, e.to, std::get<replica_message>(e.what));
}

void link_actor::take(const cluster::relayed_fan& m) {
  node_envelope e;
  if (open_relayed(m.envelope, e))
    take(m.owner, e.to, std::get<replica_message>(e.what));
}

bool link_actor::open_relayed(std::string_view envelope, node_envelope& out) {
  const bool read = wire::decode(envelope, out, now()) == wire::envelope_flaw::none;
  const auto* what = read ? std::get_if<replica_message>(&out.what) : nullptr;
  const bool good = what != nullptr && std::holds_alternative<relayed_publication>(*what);
  if (!good)
    bump(figures_->not_understood);
  return good;
}

void link_actor::take(std::uint32_t number, node_answer& m) {
  const auto found = questions_.extract(number);
  if (!found)
    return; // given up meanwhile
  std::visit([&](auto& what) { found.mapped().origin.answer(std::move(what)); }, m);
}

void link_actor::take(std::uint32_t number, std::uint64_t view_no, peer_message& m) {
  if (auto* about = std::get_if<inquire_node>(&m))
    return ask_admin(number, *about);
  if (auto* count = std::get_if<count_members>(&m))
    return ask_admin(number, *count);
  if (const auto* back = std::get_if<cluster::bounced>(&m))
    return bounced_back(*back, view_no);
  if (const auto* order = std::get_if<cluster::for_sessions>(&m))
    return give(*order);
  if (auto* fan = std::get_if<cluster::relay_fan>(&m))
    return take(*fan);
  if (const auto* fan = std::get_if<cluster::relayed_fan>(&m))
    return take(*fan);
  if (const auto* wanted = std::get_if<presence_wanted>(&m))
    return tell(node_.presence_agent, *wanted);
  if (const auto* barrier = std::get_if<cluster::view_barrier>(&m))
    return pass(*barrier);
  if (const auto* passed = std::get_if<cluster::barrier_passed>(&m))
    return cluster_.routes->barrier_passed(to_, passed->view_no);
  if (of_shards(m))
    tell(cluster_.shard_host, peer_said{to_, std::move(m)});
  else
    tell(cluster_.membership, peer_said{to_, std::move(m)});
}

// All before it was delivered, or has been sent back in the lane of this answer.
void link_actor::pass(const cluster::view_barrier& m) {
  outbox_.push(cluster::link_lane::ack, cluster::message_class::must_deliver, 0,
               wire::encode(cluster_.view_no.load(), argosy::address{}, 0,
                            cluster::barrier_passed{m.view_no}, now()));
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

void link_actor::bounce(std::string_view envelope, std::uint64_t view_no, cluster::bounce why) {
  outbox_.push(cluster::link_lane::ack, cluster::message_class::must_deliver, 0,
               wire::encode(std::max(cluster_.view_no.load(), view_no), argosy::address{}, 0,
                            cluster::bounced{std::string{envelope}, why}, now()));
}

void link_actor::return_late(const send_back& m) {
  bounce(m.envelope, m.view_no, m.why);
  pump();
}

// It goes out again when it is known who takes it.
void link_actor::bounced_back(const cluster::bounced& m, std::uint64_t view_no) {
  node_envelope e;
  if (wire::decode(m.envelope, e, now()) != wire::envelope_flaw::none)
    return;
  auto* routed = std::get_if<routed_message>(&e.what);
  const auto asked = questions_.extract(e.question);
  if (routed == nullptr || (e.question != 0 && !asked))
    return; // given up meanwhile
  routed_letter letter{e.to, std::move(*routed), nullptr};
  std::visit(
      [&](auto& what) {
        if constexpr (requires { what.origin; })
          if (asked)
            what.origin = asked.mapped().origin;
      },
      letter.what);
  // The envelope left the replica's handle ashore: the replica itself asks again.
  if (std::holds_alternative<declare_interest>(letter.what))
    node_.routes.route_here_if_active(e.to.as(address_kind::replica), interest_lost{});
  else if (std::holds_alternative<retract_interest>(letter.what))
    return;
  else if (m.why == cluster::bounce::not_ready)
    give_back(node_.routes, letter);
  else
    cluster_.routes->came_back(std::move(letter), view_no);
}

} // namespace argosy
