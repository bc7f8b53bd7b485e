// peer_messages: what a node tells another one as such: links, views, leases, who is alive.
#include "runtime/wire/node/admin_messages.hpp"
#include "runtime/wire/node/node_encode.hpp"
#include "runtime/wire/node/shard_messages.hpp"

namespace argosy::wire {

using envelope_builder = node::Envelope::Builder;
using session_order = decltype(cluster::for_sessions::order);

// -- writing --------------------------------------------------------------------------------------

static void write(envelope_builder envelope, const cluster::link_hello& m, const writing&) {
  auto out = envelope.initLinkHello();
  out.setCluster(text_of(m.cluster));
  write(out.initFrom(), m.from);
  out.setAddress(text_of(m.address));
  out.setVersion(m.version);
  out.setSettingsHash(m.settings_hash);
  out.setViewNo(m.view_no);
}

static void write(envelope_builder out, const cluster::link_refused& m, const writing&) {
  out.initLinkRefused().setWhy(text_of(m.why));
}

static void write(envelope_builder out, const cluster::raft_rpc& m, const writing&) {
  out.setRaftRpc(data_of(m.bytes));
}

static void write(envelope_builder out, const cluster::join_cluster& m, const writing&) {
  write(out.initJoinCluster(), m.who);
}

static void write(envelope_builder envelope, const cluster::join_refused& m, const writing&) {
  auto out = envelope.initJoinRefused();
  out.setOutlived(m.outlived);
  write(out.initWho(), m.who);
  out.setWhy(text_of(m.why));
}

static void write(envelope_builder out, const cluster::leave_cluster& m, const writing&) {
  write(out.initLeaveCluster(), m.who);
}

static void write(envelope_builder envelope, const cluster::holds_nothing& m, const writing&) {
  auto out = envelope.initHoldsNothing();
  write(out.initWho(), m.who);
  out.setViewNo(m.view_no);
}

static void write(envelope_builder out, const cluster::view_decided& m, const writing&) {
  write(out.initViewDecided(), m.what);
}

static void write(envelope_builder out, const cluster::view_wanted& m, const writing&) {
  out.initViewWanted().setHave(m.have);
}

static void write(envelope_builder envelope, const cluster::lease_wanted& m, const writing&) {
  auto out = envelope.initLeaseWanted();
  write(out.initFrom(), m.from);
  out.setAcknowledgedView(m.acknowledged_view);
  out.setAskedAt(m.asked_at);
}

static void write(envelope_builder envelope, const cluster::lease_granted& m, const writing&) {
  auto out = envelope.initLeaseGranted();
  out.setViewNo(m.view_no);
  out.setTtlMs(m.ttl_ms);
  out.setAskedAt(m.asked_at);
}

static void write(envelope_builder envelope, const cluster::accusation& m, const writing&) {
  auto out = envelope.initAccusation();
  write(out.initTarget(), m.target);
  out.setWithdrawn(m.withdrawn);
}

static void write(envelope_builder out, const cluster::death_proof& m, const writing&) {
  write(out.initDeathProof(), m.target);
}

static void write(envelope_builder out, const cluster::probe& m, const writing&) {
  out.initProbe().setSequence(m.sequence);
}

static void write(envelope_builder out, const cluster::probe_answered& m, const writing&) {
  out.initProbeAnswered().setSequence(m.sequence);
}

template <class Message>
static void write(node::TargetProbe::Builder out, const Message& m) {
  write(out.initTarget(), m.target);
  out.setSequence(m.sequence);
}

static void write(envelope_builder out, const cluster::probe_for_me& m, const writing&) {
  write(out.initProbeForMe(), m);
}

static void write(envelope_builder out, const cluster::target_heard& m, const writing&) {
  write(out.initTargetHeard(), m);
}

static void write(envelope_builder envelope, const cluster::bounced& m, const writing&) {
  auto out = envelope.initBounced();
  out.setEnvelope(data_of(m.envelope));
  out.setWhy(static_cast<node::Bounced::Why>(m.why));
}

static void write(envelope_builder out, const cluster::view_barrier& m, const writing&) {
  out.initViewBarrier().setViewNo(m.view_no);
}

static void write(envelope_builder out, const cluster::barrier_passed& m, const writing&) {
  out.initBarrierPassed().setViewNo(m.view_no);
}

static void write(envelope_builder envelope, const cluster::relay_fan& m, const writing&) {
  auto out = envelope.initRelayFan();
  write_items(out.initShare(count_of(m.share)), m.share);
  out.setEnvelope(data_of(m.envelope));
}

static void write(envelope_builder envelope, const cluster::relayed_fan& m, const writing&) {
  auto out = envelope.initRelayedFan();
  write(out.initOwner(), m.owner);
  out.setEnvelope(data_of(m.envelope));
}

static void write(node::ForSessions::Builder out, const deliver_direct& m, const writing& w) {
  write(out.initDeliver(), *m.what, w);
}

static void write(node::ForSessions::Builder out, const end_session& m, const writing&) {
  auto end = out.initEnd();
  end.setCode(m.code);
  end.setReason(text_of(m.reason));
}

static void write(node::ForSessions::Builder out, const subscribe_session& m, const writing&) {
  out.initSubscribe().setChannel(text_of(m.channel));
}

static void write(node::ForSessions::Builder out, const unsubscribe_session& m, const writing&) {
  auto unsubscribe = out.initUnsubscribe();
  unsubscribe.setChannel(text_of(m.channel));
  unsubscribe.setCode(m.code);
}

static void write(node::ForSessions::Builder out, const refresh_session& m, const writing&) {
  out.initRefresh().setExpiresAt(m.expires_at);
}

static void write(envelope_builder envelope, const cluster::for_sessions& m, const writing& w) {
  auto out = envelope.initForSessions();
  auto clients = out.initClients(count_of(m.clients));
  for (unsigned i = 0; i < clients.size(); ++i)
    write(clients[i], m.clients[i]);
  std::visit([&](const auto& order) { write(out, order, w); }, m.order);
}

static void write(envelope_builder envelope, const count_members& m, const writing&) {
  auto out = envelope.initCountMembers();
  out.setTenant(text_of(m.tenant));
  if (!m.pattern.empty())
    out.setPattern(text_of(m.pattern));
}

static void write(envelope_builder envelope, const presence_wanted& m, const writing&) {
  auto out = envelope.initPresenceWanted();
  put_text(out.initTracker(size_of(m.tracker.text())), m.tracker.text());
}

cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<peer_message> message,
                                      clock_time now) {
  return encode_envelope(head, message, now);
}

// -- reading --------------------------------------------------------------------------------------

static bool read(node::LinkHello::Reader in, reading& r, cluster::link_hello& out) {
  out.cluster = string_of(in.getCluster());
  out.address = string_of(in.getAddress());
  out.version = in.getVersion();
  out.settings_hash = in.getSettingsHash();
  out.view_no = in.getViewNo();
  return out.address.size() <= cluster::address_text_max && read(in.getFrom(), r, out.from);
}

static bool read(node::JoinRefused::Reader in, reading& r, cluster::join_refused& out) {
  out.outlived = in.getOutlived();
  out.why = string_of(in.getWhy());
  return read(in.getWho(), r, out.who);
}

static bool read(node::HoldsNothing::Reader in, reading& r, cluster::holds_nothing& out) {
  out.view_no = in.getViewNo();
  return read(in.getWho(), r, out.who);
}

static bool read(node::LeaseWanted::Reader in, reading& r, cluster::lease_wanted& out) {
  out.acknowledged_view = in.getAcknowledgedView();
  out.asked_at = in.getAskedAt();
  return read(in.getFrom(), r, out.from);
}

static void read(node::LeaseGranted::Reader in, cluster::lease_granted& out) {
  out = {in.getViewNo(), in.getTtlMs(), in.getAskedAt()};
}

static bool read(node::Accusation::Reader in, reading& r, cluster::accusation& out) {
  out.withdrawn = in.getWithdrawn();
  return read(in.getTarget(), r, out.target);
}

template <class Message>
static bool read(node::TargetProbe::Reader in, reading& r, Message& out) {
  out.sequence = in.getSequence();
  return read(in.getTarget(), r, out.target);
}

static bool read(node::Bounced::Reader in, reading& r, cluster::bounced& out) {
  out.envelope = string_of(in.getEnvelope());
  if (in.getWhy() > node::Bounced::Why::NOT_READY)
    return r.refuse(envelope_flaw::value);
  out.why = static_cast<cluster::bounce>(in.getWhy());
  return true;
}

static bool read(node::RelayFan::Reader in, reading& r, cluster::relay_fan& out) {
  out.envelope = string_of(in.getEnvelope());
  return read_items(in.getShare(), r, out.share);
}

static bool read(node::RelayedFan::Reader in, reading& r, cluster::relayed_fan& out) {
  out.envelope = string_of(in.getEnvelope());
  return read(in.getOwner(), r, out.owner);
}

static bool read(node::ForSessions::Reader in, reading& r, session_order& out) {
  switch (in.which()) {
  case node::ForSessions::DELIVER:
    return in.hasDeliver() && read(in.getDeliver(), r, out.emplace<deliver_direct>().what);
  case node::ForSessions::END:
    out.emplace<end_session>() = {in.getEnd().getCode(), string_of(in.getEnd().getReason())};
    return true;
  case node::ForSessions::SUBSCRIBE:
    out.emplace<subscribe_session>().channel = string_of(in.getSubscribe().getChannel());
    return true;
  case node::ForSessions::UNSUBSCRIBE:
    out.emplace<unsubscribe_session>() = {string_of(in.getUnsubscribe().getChannel()),
                                          in.getUnsubscribe().getCode()};
    return true;
  case node::ForSessions::REFRESH:
    out.emplace<refresh_session>().expires_at = in.getRefresh().getExpiresAt();
    return true;
  }
  return r.refuse(envelope_flaw::unknown);
}

static bool read(node::CountMembers::Reader in, reading&, count_members& out) {
  out.tenant = string_of(in.getTenant());
  out.pattern = string_of(in.getPattern());
  return true;
}

/// Who belongs to the cluster, and by which view.
static bool read_membership(node::Envelope::Reader in, reading& r, peer_message& out) {
  switch (in.which()) {
  case node::Envelope::JOIN_CLUSTER:
    return read(in.getJoinCluster(), r, out.emplace<cluster::join_cluster>().who);
  case node::Envelope::JOIN_REFUSED:
    return read(in.getJoinRefused(), r, out.emplace<cluster::join_refused>());
  case node::Envelope::LEAVE_CLUSTER:
    return read(in.getLeaveCluster(), r, out.emplace<cluster::leave_cluster>().who);
  case node::Envelope::HOLDS_NOTHING:
    return read(in.getHoldsNothing(), r, out.emplace<cluster::holds_nothing>());
  case node::Envelope::VIEW_DECIDED:
    return read(in.getViewDecided(), r, out.emplace<cluster::view_decided>().what);
  case node::Envelope::VIEW_WANTED:
    out.emplace<cluster::view_wanted>().have = in.getViewWanted().getHave();
    return true;
  case node::Envelope::LEASE_WANTED:
    return read(in.getLeaseWanted(), r, out.emplace<cluster::lease_wanted>());
  case node::Envelope::LEASE_GRANTED:
    read(in.getLeaseGranted(), out.emplace<cluster::lease_granted>());
    return true;
  default:
    return read_shards(in, r, out);
  }
}

/// Who is alive.
static bool read_detection(node::Envelope::Reader in, reading& r, peer_message& out) {
  switch (in.which()) {
  case node::Envelope::ACCUSATION:
    return read(in.getAccusation(), r, out.emplace<cluster::accusation>());
  case node::Envelope::DEATH_PROOF:
    return read(in.getDeathProof(), r, out.emplace<cluster::death_proof>().target);
  case node::Envelope::PROBE:
    out.emplace<cluster::probe>().sequence = in.getProbe().getSequence();
    return true;
  case node::Envelope::PROBE_ANSWERED:
    out.emplace<cluster::probe_answered>().sequence = in.getProbeAnswered().getSequence();
    return true;
  case node::Envelope::PROBE_FOR_ME:
    return read(in.getProbeForMe(), r, out.emplace<cluster::probe_for_me>());
  case node::Envelope::TARGET_HEARD:
    return read(in.getTargetHeard(), r, out.emplace<cluster::target_heard>());
  default:
    return read_membership(in, r, out);
  }
}

bool read(node::Envelope::Reader in, reading& r, peer_message& out) {
  switch (in.which()) {
  case node::Envelope::LINK_HELLO:
    return read(in.getLinkHello(), r, out.emplace<cluster::link_hello>());
  case node::Envelope::LINK_REFUSED:
    out.emplace<cluster::link_refused>().why = string_of(in.getLinkRefused().getWhy());
    return true;
  case node::Envelope::RAFT_RPC:
    out.emplace<cluster::raft_rpc>().bytes = string_of(in.getRaftRpc());
    return true;
  case node::Envelope::BOUNCED:
    return read(in.getBounced(), r, out.emplace<cluster::bounced>());
  case node::Envelope::VIEW_BARRIER:
    out.emplace<cluster::view_barrier>().view_no = in.getViewBarrier().getViewNo();
    return true;
  case node::Envelope::BARRIER_PASSED:
    out.emplace<cluster::barrier_passed>().view_no = in.getBarrierPassed().getViewNo();
    return true;
  case node::Envelope::RELAY_FAN:
    return read(in.getRelayFan(), r, out.emplace<cluster::relay_fan>());
  case node::Envelope::RELAYED_FAN:
    return read(in.getRelayedFan(), r, out.emplace<cluster::relayed_fan>());
  case node::Envelope::FOR_SESSIONS: {
    auto& m = out.emplace<cluster::for_sessions>();
    return read_items(in.getForSessions().getClients(), r, m.clients)
           && read(in.getForSessions(), r, m.order);
  }
  case node::Envelope::INQUIRE_NODE:
    return read(in.getInquireNode(), r, out.emplace<inquire_node>());
  case node::Envelope::COUNT_MEMBERS:
    return read(in.getCountMembers(), r, out.emplace<count_members>());
  case node::Envelope::PRESENCE_WANTED:
    return read(in.getPresenceWanted().getTracker(), r, out.emplace<presence_wanted>().tracker);
  default:
    return read_detection(in, r, out);
  }
}

} // namespace argosy::wire
