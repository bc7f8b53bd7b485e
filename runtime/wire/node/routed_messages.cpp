// routed_messages: what a node asks of, or tells, a room, a user or a presence tracker.
#include "runtime/wire/node/node_encode.hpp"

namespace argosy::wire {

using envelope_builder = node::Envelope::Builder;

// -- writing --------------------------------------------------------------------------------------

static void write(envelope_builder envelope, const publish_room& m, const writing&) {
  auto out = envelope.initPublishRoom();
  out.setData(data_of(m.data));
  if (m.publisher != nullptr)
    write(out.initPublisher(), *m.publisher);
  if (!m.tags.empty())
    write(out.initTags(count_of(m.tags)), m.tags);
  if (!m.idempotency_key.empty())
    out.setIdempotencyKey(text_of(m.idempotency_key));
  out.setConflationKey(m.conflation_key);
  out.setSkipHistory(m.skip_history);
}

static void write(envelope_builder envelope, const read_history& m, const writing&) {
  auto out = envelope.initReadHistory();
  out.setLimit(m.limit);
  if (m.since)
    write(out.initSince(), *m.since);
  out.setReverse(m.reverse);
}

static void write(envelope_builder out, const clear_history&, const writing&) {
  out.initClearHistory();
}

static void write(envelope_builder out, const member_joined& m, const writing&) {
  write(out.initMemberJoined(), *m.info);
}

static void write(envelope_builder out, const member_left& m, const writing&) {
  write(out.initMemberLeft(), *m.info);
}

static void write(envelope_builder out, const declare_interest& m, const writing&) {
  auto interest = out.initDeclareInterest();
  interest.setVersion(m.who.version);
  if (!m.known.epoch.empty())
    write(interest.initKnown(), m.known);
}

static void write(envelope_builder out, const retract_interest& m, const writing&) {
  out.initRetractInterest().setVersion(m.who.version);
}

static void write(envelope_builder envelope, const publish_user& m, const writing&) {
  auto out = envelope.initPublishUser();
  out.setData(data_of(m.data));
  if (m.publisher != nullptr)
    write(out.initPublisher(), *m.publisher);
  if (!m.tags.empty())
    write(out.initTags(count_of(m.tags)), m.tags);
}

static void write(envelope_builder envelope, const command_sessions& m, const writing&) {
  auto out = envelope.initCommandSessions();
  out.setClient(text_of(m.client));
  out.setVerb(static_cast<node::SessionVerb>(m.verb));
  out.setChannel(text_of(m.channel));
  out.setCode(m.code);
  out.setReason(text_of(m.reason));
  out.setExpiresAt(m.expires_at);
}

static void write(envelope_builder envelope, const open_session& m, const writing&) {
  auto out = envelope.initOpenSession();
  write(out.initClient(), m.client);
  out.setSessionsMax(m.sessions_max);
}

static void write(envelope_builder out, const session_closed& m, const writing&) {
  write(out.initSessionClosed(), m.client);
}

static void write(capnp::List<node::PresenceChange>::Builder out,
                  const std::vector<presence_change>& changes) {
  for (unsigned i = 0; i < out.size(); ++i) {
    const auto& change = changes[i];
    put_text(out[i].initRoom(size_of(change.room.text())), change.room.text());
    write(out[i].initInfo(), *change.info);
    out[i].setPresent(change.what == presence_verb::arrived);
    if (change.what == presence_verb::lost)
      out[i].setAbsence(node::PresenceChange::Absence::LOST);
    else if (change.what == presence_verb::interrupted)
      out[i].setAbsence(node::PresenceChange::Absence::INTERRUPTED);
    out[i].setUnlisted(!change.listed);
    out[i].setAnnounced(change.announced);
  }
}

static void write(envelope_builder envelope, const presence_delta& m, const writing&) {
  auto out = envelope.initPresenceDelta();
  out.setPrevious(m.previous);
  out.setSequence(m.sequence);
  write(out.initChanges(count_of(m.changes)), m.changes);
}

static void write(envelope_builder envelope, const presence_snapshot& m, const writing&) {
  auto out = envelope.initPresenceSnapshot();
  out.setSequence(m.sequence);
  out.setPage(m.page);
  out.setLast(m.last);
  write(out.initEntries(count_of(m.entries)), m.entries);
}

static void write(envelope_builder envelope, const presence_beat& m, const writing&) {
  auto out = envelope.initPresenceBeat();
  out.setSequence(m.sequence);
  out.setCount(m.holds.count);
  out.setHash(m.holds.hash);
}

static void write(envelope_builder envelope, const presence_left_over& m, const writing&) {
  write(envelope.initPresenceLeftOver().initLingering(count_of(m.lingering)), m.lingering);
}

static void write(envelope_builder envelope, const list_presence& m, const writing&) {
  auto out = envelope.initListPresence();
  put_text(out.initRoom(size_of(m.room.text())), m.room.text());
  out.setCountOnly(m.count_only);
}

static void write(envelope_builder out, const describe&, const writing&) {
  out.initDescribe();
}

cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<routed_message> message,
                                      clock_time now) {
  return encode_envelope(head, message, now);
}

// -- reading --------------------------------------------------------------------------------------

static bool read(node::Interest::Reader in, reading& r, declare_interest& out) {
  out.who.version = in.getVersion();
  if (in.hasKnown() && in.getKnown().hasEpoch())
    return read(in.getKnown(), r, out.known);
  return true;
}

static bool read(node::PublishRoom::Reader in, reading& r, publish_room& out) {
  out.data = string_of(in.getData());
  out.idempotency_key = string_of(in.getIdempotencyKey());
  out.conflation_key = in.getConflationKey();
  out.skip_history = in.getSkipHistory();
  return (!in.hasPublisher() || read(in.getPublisher(), r, out.publisher))
         && read(in.getTags(), r, out.tags);
}

static bool read(node::ReadHistory::Reader in, reading& r, read_history& out) {
  out.limit = in.getLimit();
  out.reverse = in.getReverse();
  return !in.hasSince() || read(in.getSince(), r, out.since.emplace());
}

static bool read(node::PublishUser::Reader in, reading& r, publish_user& out) {
  out.data = string_of(in.getData());
  return (!in.hasPublisher() || read(in.getPublisher(), r, out.publisher))
         && read(in.getTags(), r, out.tags);
}

static bool read(node::CommandSessions::Reader in, reading& r, command_sessions& out) {
  out.client = string_of(in.getClient());
  out.channel = string_of(in.getChannel());
  out.code = in.getCode();
  out.reason = string_of(in.getReason());
  out.expires_at = in.getExpiresAt();
  if (in.getVerb() > node::SessionVerb::REFRESH)
    return r.refuse(envelope_flaw::value);
  out.verb = static_cast<session_verb>(in.getVerb());
  return true;
}

static bool read(node::OpenSession::Reader in, reading& r, open_session& out) {
  out.sessions_max = in.getSessionsMax();
  return in.hasClient() && read(in.getClient(), r, out.client);
}

static bool read(node::PresenceChange::Reader in, reading& r, presence_change& out) {
  if (in.getAbsence() > node::PresenceChange::Absence::INTERRUPTED)
    return r.refuse(envelope_flaw::value);
  if (in.getPresent())
    out.what = presence_verb::arrived;
  else if (in.getAbsence() == node::PresenceChange::Absence::LEFT)
    out.what = presence_verb::left;
  else
    out.what = in.getAbsence() == node::PresenceChange::Absence::LOST ? presence_verb::lost
                                                                      : presence_verb::interrupted;
  out.listed = !in.getUnlisted();
  out.announced = in.getAnnounced();
  return in.hasInfo() && read(in.getInfo(), r, out.info) && read(in.getRoom(), r, out.room);
}

static bool read(node::PresenceDelta::Reader in, reading& r, presence_delta& out) {
  out.previous = in.getPrevious();
  out.sequence = in.getSequence();
  return read_items(in.getChanges(), r, out.changes);
}

static bool read(node::PresenceSnapshot::Reader in, reading& r, presence_snapshot& out) {
  out.sequence = in.getSequence();
  out.page = in.getPage();
  out.last = in.getLast();
  return read_items(in.getEntries(), r, out.entries);
}

static void read(node::PresenceBeat::Reader in, presence_beat& out) {
  out.sequence = in.getSequence();
  out.holds = {in.getCount(), in.getHash()};
}

static bool read(node::ListPresence::Reader in, reading& r, list_presence& out) {
  out.count_only = in.getCountOnly();
  return read(in.getRoom(), r, out.room);
}

/// What a presence tracker hears.
static bool read_of_presence(node::Envelope::Reader in, reading& r, routed_message& out) {
  switch (in.which()) {
  case node::Envelope::PRESENCE_DELTA:
    return read(in.getPresenceDelta(), r, out.emplace<presence_delta>());
  case node::Envelope::PRESENCE_SNAPSHOT:
    return read(in.getPresenceSnapshot(), r, out.emplace<presence_snapshot>());
  case node::Envelope::PRESENCE_BEAT:
    read(in.getPresenceBeat(), out.emplace<presence_beat>());
    return true;
  case node::Envelope::PRESENCE_LEFT_OVER:
    return read_items(in.getPresenceLeftOver().getLingering(), r,
                      out.emplace<presence_left_over>().lingering);
  case node::Envelope::LIST_PRESENCE:
    return read(in.getListPresence(), r, out.emplace<list_presence>());
  default:
    return r.refuse(envelope_flaw::unknown);
  }
}

/// The messages that are about one client.
static bool read_of_client(node::Envelope::Reader in, reading& r, routed_message& out) {
  switch (in.which()) {
  case node::Envelope::MEMBER_JOINED:
    return in.hasMemberJoined() && read(in.getMemberJoined(), r, out.emplace<member_joined>().info);
  case node::Envelope::MEMBER_LEFT:
    return in.hasMemberLeft() && read(in.getMemberLeft(), r, out.emplace<member_left>().info);
  case node::Envelope::OPEN_SESSION:
    return read(in.getOpenSession(), r, out.emplace<open_session>());
  case node::Envelope::SESSION_CLOSED:
    return in.hasSessionClosed()
           && read(in.getSessionClosed(), r, out.emplace<session_closed>().client);
  default:
    return read_of_presence(in, r, out);
  }
}

bool read(node::Envelope::Reader in, reading& r, routed_message& out) {
  switch (in.which()) {
  case node::Envelope::PUBLISH_ROOM:
    return read(in.getPublishRoom(), r, out.emplace<publish_room>());
  case node::Envelope::READ_HISTORY:
    return read(in.getReadHistory(), r, out.emplace<read_history>());
  case node::Envelope::CLEAR_HISTORY:
    out.emplace<clear_history>();
    return true;
  case node::Envelope::DECLARE_INTEREST:
    return read(in.getDeclareInterest(), r, out.emplace<declare_interest>());
  case node::Envelope::RETRACT_INTEREST:
    out.emplace<retract_interest>().who.version = in.getRetractInterest().getVersion();
    return true;
  case node::Envelope::PUBLISH_USER:
    return read(in.getPublishUser(), r, out.emplace<publish_user>());
  case node::Envelope::COMMAND_SESSIONS:
    return read(in.getCommandSessions(), r, out.emplace<command_sessions>());
  case node::Envelope::DESCRIBE:
    out.emplace<describe>();
    return true;
  default:
    return read_of_client(in, r, out);
  }
}

} // namespace argosy::wire
