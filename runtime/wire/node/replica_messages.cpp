// replica_messages: what a room tells its replica on another node.
#include "runtime/wire/node/node_encode.hpp"

namespace argosy::wire {

// -- writing --------------------------------------------------------------------------------------

static void write(node::Envelope::Builder envelope, const interest_granted& m, const writing& w) {
  auto out = envelope.initInterestGranted();
  write(out.initPosition(), m.past.position);
  write(out.initTail(count_of(m.past.tail)), m.past.tail, w);
  write_items(out.initAncestors(count_of(m.past.ancestors)), m.past.ancestors);
}

static void write(node::Envelope::Builder out, const fan_publication& m, const writing& w) {
  write(out.initFanPublication(), *m.what, w);
}

static void write(node::Envelope::Builder envelope, const fan_membership& m, const writing&) {
  auto out = envelope.initFanMembership();
  write(out.initInfo(), *m.info);
  out.setJoined(m.joined);
}

static void write(node::Envelope::Builder out, const fan_cleared& m, const writing&) {
  write(out.initFanCleared().initPosition(), m.position);
}

static void write(node::Envelope::Builder envelope, const relayed_publication& m,
                  const writing& w) {
  auto out = envelope.initRelayedPublication();
  out.setEpoch(text_of(m.epoch));
  write(out.initPublication(), *m.what, w);
}

static void write(node::Envelope::Builder out, const interest_lost&, const writing&) {
  out.setInterestLost();
}

static void write(node::Envelope::Builder out, const room_head& m, const writing&) {
  write(out.initRoomHead(), m.position);
}

cluster::shared_bytes encode_borrowed(const envelope_head& head, borrowed<replica_message> message,
                                      clock_time now) {
  return encode_envelope(head, message, now);
}

// -- reading --------------------------------------------------------------------------------------

static bool read(node::InterestGranted::Reader in, reading& r, interest_granted& out) {
  return read(in.getPosition(), r, out.past.position) && read_items(in.getTail(), r, out.past.tail)
         && read_items(in.getAncestors(), r, out.past.ancestors, ancestors_max);
}

static bool read(node::RelayedPublication::Reader in, reading& r, relayed_publication& out) {
  out.epoch = string_of(in.getEpoch());
  return in.hasPublication() && read(in.getPublication(), r, out.what);
}

static bool read(node::FanMembership::Reader in, reading& r, fan_membership& out) {
  out.joined = in.getJoined();
  return in.hasInfo() && read(in.getInfo(), r, out.info);
}

bool read(node::Envelope::Reader in, reading& r, replica_message& out) {
  switch (in.which()) {
  case node::Envelope::INTEREST_GRANTED:
    return read(in.getInterestGranted(), r, out.emplace<interest_granted>());
  case node::Envelope::FAN_PUBLICATION:
    return in.hasFanPublication()
           && read(in.getFanPublication(), r, out.emplace<fan_publication>().what);
  case node::Envelope::FAN_MEMBERSHIP:
    return read(in.getFanMembership(), r, out.emplace<fan_membership>());
  case node::Envelope::FAN_CLEARED:
    return read(in.getFanCleared().getPosition(), r, out.emplace<fan_cleared>().position);
  case node::Envelope::RELAYED_PUBLICATION:
    return read(in.getRelayedPublication(), r, out.emplace<relayed_publication>());
  case node::Envelope::INTEREST_LOST:
    out.emplace<interest_lost>();
    return true;
  case node::Envelope::ROOM_HEAD:
    return read(in.getRoomHead(), r, out.emplace<room_head>().position);
  default:
    return r.refuse(envelope_flaw::unknown);
  }
}

} // namespace argosy::wire
