// node_answers: what comes back for a question, under its number.
#include "runtime/wire/node/admin_messages.hpp"
#include "runtime/wire/node/node_encode.hpp"

namespace argosy::wire {

// -- writing --------------------------------------------------------------------------------------

static void write(node::Envelope::Builder envelope, const room_published& m, const writing&) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initRoomPublished();
  out.setError(wire_error(m.error));
  if (m.position != stream_position{})
    write(out.initPosition(), m.position);
}

static void write(node::Envelope::Builder envelope, const history_read& m, const writing& w) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initHistoryRead();
  out.setError(wire_error(m.error));
  write(out.initItems(count_of(m.items)), m.items, w);
  write(out.initPosition(), m.position);
}

static void write(node::Envelope::Builder envelope, const history_cleared& m, const writing&) {
  envelope.setAnswers(m.ticket);
  envelope.initHistoryCleared().setError(wire_error(m.error));
}

static void write(node::Envelope::Builder envelope, const session_opened& m, const writing&) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initSessionOpened();
  out.setError(wire_error(m.error));
  out.setFirst(m.first);
}

static void write(node::Envelope::Builder envelope, const sessions_commanded& m, const writing&) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initSessionsCommanded();
  out.setSessions(m.sessions);
  out.setError(wire_error(m.error));
}

static void write(node::Envelope::Builder envelope, const presence_listed& m, const writing&) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initPresenceListed();
  out.setError(wire_error(m.error));
  out.setCountOnly(m.count_only);
  auto clients = out.initClients(count_of(m.clients));
  for (unsigned i = 0; i < clients.size(); ++i)
    write(clients[i], *m.clients[i]);
  out.setNumClients(m.num_clients);
  out.setNumUsers(m.num_users);
}

static void write(node::Envelope::Builder envelope, const members_counted& m, const writing&) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initMembersCounted();
  out.setError(wire_error(m.error));
  auto rooms = out.initRooms(count_of(m.rooms));
  for (unsigned i = 0; i < rooms.size(); ++i) {
    rooms[i].setChannel(text_of(m.rooms[i].first));
    rooms[i].setMembers(m.rooms[i].second);
  }
}

cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<node_answer> message,
                                      clock_time now) {
  return encode_envelope(head, message, now);
}

// -- reading --------------------------------------------------------------------------------------

static bool read(node::RoomPublished::Reader in, reading& r, room_published& out) {
  return read(in.getError(), r, out.error) && read(in.getPosition(), r, out.position);
}

static bool read(node::HistoryRead::Reader in, reading& r, history_read& out) {
  return read(in.getError(), r, out.error) && read_items(in.getItems(), r, out.items)
         && read(in.getPosition(), r, out.position);
}

static bool read(node::SessionOpened::Reader in, reading& r, session_opened& out) {
  out.first = in.getFirst();
  return read(in.getError(), r, out.error);
}

static bool read(node::SessionsCommanded::Reader in, reading& r, sessions_commanded& out) {
  out.sessions = in.getSessions();
  return read(in.getError(), r, out.error);
}

static bool read(node::PresenceListed::Reader in, reading& r, presence_listed& out) {
  out.count_only = in.getCountOnly();
  out.num_clients = in.getNumClients();
  out.num_users = in.getNumUsers();
  return read(in.getError(), r, out.error) && read_items(in.getClients(), r, out.clients);
}

static bool read(node::MembersCounted::Room::Reader in, reading&,
                 std::pair<std::string, std::uint32_t>& out) {
  out = {string_of(in.getChannel()), in.getMembers()};
  return true;
}

static bool read(node::MembersCounted::Reader in, reading& r, members_counted& out) {
  return read(in.getError(), r, out.error) && read_items(in.getRooms(), r, out.rooms);
}

static bool read_answer(node::Envelope::Reader in, reading& r, node_answer& out) {
  switch (in.which()) {
  case node::Envelope::ROOM_PUBLISHED:
    return read(in.getRoomPublished(), r, out.emplace<room_published>());
  case node::Envelope::HISTORY_READ:
    return read(in.getHistoryRead(), r, out.emplace<history_read>());
  case node::Envelope::HISTORY_CLEARED:
    return read(in.getHistoryCleared().getError(), r, out.emplace<history_cleared>().error);
  case node::Envelope::SESSION_OPENED:
    return read(in.getSessionOpened(), r, out.emplace<session_opened>());
  case node::Envelope::SESSIONS_COMMANDED:
    return read(in.getSessionsCommanded(), r, out.emplace<sessions_commanded>());
  case node::Envelope::PRESENCE_LISTED:
    return read(in.getPresenceListed(), r, out.emplace<presence_listed>());
  case node::Envelope::MEMBERS_COUNTED:
    return read(in.getMembersCounted(), r, out.emplace<members_counted>());
  case node::Envelope::DESCRIPTION:
    return read(in.getDescription(), r, out.emplace<description>());
  case node::Envelope::NODE_TOLD:
    return read(in.getNodeTold(), r, out.emplace<node_told>());
  default:
    return r.refuse(envelope_flaw::unknown);
  }
}

bool read(node::Envelope::Reader in, reading& r, node_answer& out) {
  if (!read_answer(in, r, out))
    return false;
  std::visit([&](auto& answer) { answer.ticket = in.getAnswers(); }, out);
  return true;
}

} // namespace argosy::wire
