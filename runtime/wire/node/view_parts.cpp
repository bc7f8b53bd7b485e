// view_parts: members and views, as node_parts.hpp declares them.
#include "runtime/wire/node/node_parts.hpp"

namespace argosy::wire {

using overrides = std::vector<cluster::shard_override>;

// -- writing --------------------------------------------------------------------------------------

void write(node::NodeIdentity::Builder out, const cluster::node_identity& id) {
  out.setName(text_of(id.name));
  out.setIncarnation(id.incarnation);
}

void write(node::Member::Builder out, const cluster::member& m) {
  write(out.initId(), m.id);
  out.setAddress(text_of(m.address));
  out.setState(static_cast<node::MemberState>(m.state));
  out.setWeight(m.weight);
  if (!m.zone.empty())
    out.setZone(text_of(m.zone));
  if (!m.region.empty())
    out.setRegion(text_of(m.region));
}

static void write(capnp::List<node::View::Override>::Builder out, const overrides& all) {
  for (unsigned i = 0; i < out.size(); ++i) {
    out[i].setShard(all[i].shard);
    out[i].setMember(text_of(all[i].member));
  }
}

static void write(node::View::Placement::Builder out, const cluster::placement_input& placement) {
  auto members = out.initMembers(count_of(placement.members));
  for (unsigned i = 0; i < members.size(); ++i) {
    write(members[i].initId(), placement.members[i].id);
    members[i].setWeight(placement.members[i].weight);
  }
  write(out.initOverrides(count_of(placement.overrides)), placement.overrides);
}

void write(node::View::Builder out, const cluster::view& v) {
  out.setNo(v.no);
  auto members = out.initMembers(count_of(v.members));
  for (unsigned i = 0; i < members.size(); ++i)
    write(members[i], v.members[i]);
  auto fenced = out.initFenced(count_of(v.fenced));
  for (unsigned i = 0; i < fenced.size(); ++i)
    write(fenced[i], v.fenced[i]);
  write(out.initOverrides(count_of(v.overrides)), v.overrides);
  write(out.initPrevious(), v.previous);
  if (v.leases_left.empty())
    return;
  auto leases = out.initLeasesLeft(count_of(v.leases_left));
  for (unsigned i = 0; i < leases.size(); ++i) {
    write(leases[i].initId(), v.leases_left[i].id);
    leases[i].setMs(v.leases_left[i].ms);
  }
}

// -- reading --------------------------------------------------------------------------------------

bool read(node::NodeIdentity::Reader in, reading& r, cluster::node_identity& out) {
  out.name = string_of(in.getName());
  out.incarnation = in.getIncarnation();
  return cluster::valid_member_name(out.name) || r.refuse(envelope_flaw::value);
}

static bool read(node::MemberState in, reading& r, cluster::member_state& out) {
  if (in > node::MemberState::DOWN)
    return r.refuse(envelope_flaw::value);
  out = static_cast<cluster::member_state>(in);
  return true;
}

bool read(node::Member::Reader in, reading& r, cluster::member& out) {
  out.address = string_of(in.getAddress());
  out.weight = in.getWeight();
  out.zone = string_of(in.getZone());
  out.region = string_of(in.getRegion());
  return read(in.getId(), r, out.id) && read(in.getState(), r, out.state);
}

static bool read(node::View::Override::Reader in, reading&, cluster::shard_override& out) {
  out.shard = in.getShard();
  out.member = string_of(in.getMember());
  return true;
}

static bool read(node::View::Placed::Reader in, reading& r, cluster::placed_member& out) {
  out.weight = in.getWeight();
  return read(in.getId(), r, out.id);
}

static bool read(node::View::LeaseLeft::Reader in, reading& r, cluster::lease_left& out) {
  out.ms = in.getMs();
  return read(in.getId(), r, out.id);
}

bool read(node::View::Reader in, reading& r, cluster::view& out) {
  out.no = in.getNo();
  const auto previous = in.getPrevious();
  return read_items(in.getMembers(), r, out.members, cluster::members_max)
         && read_items(in.getFenced(), r, out.fenced, cluster::fenced_max)
         && read_items(in.getOverrides(), r, out.overrides, shard_count)
         && read_items(in.getLeasesLeft(), r, out.leases_left, cluster::members_max)
         && read_items(previous.getMembers(), r, out.previous.members, cluster::members_max)
         && read_items(previous.getOverrides(), r, out.previous.overrides, shard_count)
         && (!cluster::check(out) || r.refuse(envelope_flaw::value));
}

} // namespace argosy::wire
