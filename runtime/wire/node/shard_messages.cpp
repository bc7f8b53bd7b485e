#include "runtime/wire/node/shard_messages.hpp"

namespace argosy::wire {

using cluster::room_content;

// -- writing --------------------------------------------------------------------------------------

static void write(node::RoomContent::InterestLine::Builder out,
                  const cluster::interest_set::line& line) {
  write(out.initNode(), line.node);
  out.setVersion(line.version);
  out.setWanted(line.wanted);
}

static void write(node::RoomContent::Builder out, const room_content& r, const writing& w) {
  put_text(out.initRoom(size_of(r.room.text())), r.room.text());
  write(out.initPosition(), r.past.position);
  write_items(out.initAncestors(count_of(r.past.ancestors)), r.past.ancestors);
  write(out.initTail(count_of(r.past.tail)), r.past.tail, w);
  auto keys = out.initKeys(count_of(r.keys));
  for (unsigned i = 0; i < keys.size(); ++i) {
    keys[i].setKey(text_of(r.keys[i].key));
    keys[i].setOffset(r.keys[i].offset);
    keys[i].setAgeUs(age_us(r.keys[i].since, w.now));
  }
  auto interest = out.initInterest(count_of(r.interest));
  for (unsigned i = 0; i < interest.size(); ++i)
    write(interest[i], r.interest[i]);
}

void write(node::Envelope::Builder envelope, const cluster::shard_wanted& m, const writing&) {
  auto out = envelope.initShardWanted();
  out.setShard(m.shard);
  out.setViewNo(m.view_no);
  out.setAsOf(m.as_of);
  out.setTicket(m.ticket);
}

void write(node::Envelope::Builder envelope, const cluster::shard_part& m, const writing& w) {
  auto out = envelope.initShardPart();
  out.setShard(m.shard);
  out.setTicket(m.ticket);
  out.setPart(m.part);
  out.setParts(m.parts);
  auto rooms = out.initRooms(count_of(m.rooms));
  for (unsigned i = 0; i < rooms.size(); ++i)
    write(rooms[i], m.rooms[i], w);
}

void write(node::Envelope::Builder envelope, const cluster::shard_refused& m, const writing&) {
  auto out = envelope.initShardRefused();
  out.setShard(m.shard);
  out.setTicket(m.ticket);
  out.setWhy(static_cast<node::ShardRefused::Why>(m.why));
  if (!m.to.name.empty())
    write(out.initTo(), m.to);
  out.setAsOf(m.as_of);
}

void write(node::Envelope::Builder envelope, const cluster::shard_received& m, const writing&) {
  auto out = envelope.initShardReceived();
  out.setShard(m.shard);
  out.setTicket(m.ticket);
}

void write(node::Envelope::Builder envelope, const cluster::shards_active& m, const writing&) {
  auto out = envelope.initShardsActive();
  out.setEpoch(m.epoch);
  auto shards = out.initShards(count_of(m.shards));
  for (unsigned i = 0; i < shards.size(); ++i)
    shards.set(i, m.shards[i]);
}

// -- reading --------------------------------------------------------------------------------------

static bool read_shard(std::uint32_t in, reading& r, std::uint32_t& out) {
  out = in;
  return in < shard_count || r.refuse(envelope_flaw::value);
}

static bool read(node::RoomContent::RememberedKey::Reader in, reading& r, remembered_key& out) {
  out.key = string_of(in.getKey());
  out.offset = in.getOffset();
  return instant_of(in.getAgeUs(), r, out.since);
}

static bool read(node::RoomContent::InterestLine::Reader in, reading& r,
                 cluster::interest_set::line& out) {
  out.version = in.getVersion();
  out.wanted = in.getWanted();
  return read(in.getNode(), r, out.node);
}

static bool read(node::RoomContent::Reader in, reading& r, room_content& out) {
  if (!read(in.getRoom(), r, out.room))
    return false;
  if (out.room.kind() != address_kind::room)
    return r.refuse(envelope_flaw::value);
  return read(in.getPosition(), r, out.past.position)
         && read_items(in.getAncestors(), r, out.past.ancestors, ancestors_max)
         && read_items(in.getTail(), r, out.past.tail) && read_items(in.getKeys(), r, out.keys)
         && read_items(in.getInterest(), r, out.interest);
}

static bool read(node::ShardWanted::Reader in, reading& r, cluster::shard_wanted& out) {
  out.view_no = in.getViewNo();
  out.as_of = in.getAsOf();
  out.ticket = in.getTicket();
  return read_shard(in.getShard(), r, out.shard);
}

static bool read(node::ShardPart::Reader in, reading& r, cluster::shard_part& out) {
  out.ticket = in.getTicket();
  out.part = in.getPart();
  out.parts = in.getParts();
  if (out.part >= out.parts)
    return r.refuse(envelope_flaw::value);
  return read_shard(in.getShard(), r, out.shard) && read_items(in.getRooms(), r, out.rooms);
}

static bool read(node::ShardRefused::Reader in, reading& r, cluster::shard_refused& out) {
  out.ticket = in.getTicket();
  out.as_of = in.getAsOf();
  if (in.getWhy() > node::ShardRefused::Why::UNKNOWN)
    return r.refuse(envelope_flaw::value);
  out.why = static_cast<cluster::pull_refusal>(in.getWhy());
  return read_shard(in.getShard(), r, out.shard) && (!in.hasTo() || read(in.getTo(), r, out.to));
}

static bool read(node::ShardReceived::Reader in, reading& r, cluster::shard_received& out) {
  out.ticket = in.getTicket();
  return read_shard(in.getShard(), r, out.shard);
}

static bool read(node::ShardsActive::Reader in, reading& r, cluster::shards_active& out) {
  out.epoch = in.getEpoch();
  const auto shards = in.getShards(); // each look at it counts against the limit of what is read
  if (shards.size() > shard_count)
    return r.refuse(envelope_flaw::too_large);
  out.shards.resize(shards.size());
  for (unsigned i = 0; i < shards.size(); ++i)
    if (!read_shard(shards[i], r, out.shards[i]))
      return false;
  return true;
}

bool read_shards(node::Envelope::Reader in, reading& r, peer_message& out) {
  switch (in.which()) {
  case node::Envelope::SHARD_WANTED:
    return read(in.getShardWanted(), r, out.emplace<cluster::shard_wanted>());
  case node::Envelope::SHARD_PART:
    return read(in.getShardPart(), r, out.emplace<cluster::shard_part>());
  case node::Envelope::SHARD_REFUSED:
    return read(in.getShardRefused(), r, out.emplace<cluster::shard_refused>());
  case node::Envelope::SHARD_RECEIVED:
    return read(in.getShardReceived(), r, out.emplace<cluster::shard_received>());
  case node::Envelope::SHARDS_ACTIVE:
    return read(in.getShardsActive(), r, out.emplace<cluster::shards_active>());
  default:
    return r.refuse(envelope_flaw::unknown);
  }
}

} // namespace argosy::wire
