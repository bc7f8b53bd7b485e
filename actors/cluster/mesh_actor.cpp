#include "actors/cluster/mesh_actor.hpp"

#include "actors/cluster/link_actor.hpp"
#include "runtime/wire/node/batch_codec.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds tick_every{100};

/// A link whose peer is no member and has not been seen for so long is given up.
constexpr std::chrono::milliseconds stranger_linger{10'000};

/// Whoever should dial has so long; then the other one does.
constexpr std::chrono::milliseconds take_over{150};

/// How long who was refused may take to read why.
constexpr std::chrono::milliseconds refusal_linger{1'000};

/// Who is refused comes again each second; the log hears of it so often.
constexpr std::chrono::seconds refusal_told_every{10};

/// Two connections of one pair that come within this time have crossed.
constexpr std::chrono::milliseconds crossing{1'000};

} // namespace

const std::array<message_row<mesh_actor>, 7> mesh_actor::table_{
    on<&mesh_actor::received>,    on<&mesh_actor::tick>, on<&mesh_actor::opened>,
    on<&mesh_actor::closed>,      on<&mesh_actor::keep>, on<&mesh_actor::describe_to>,
    on<&mesh_actor::begin_again>,
};

mesh_actor::mesh_actor(caf::actor_config& config, strand& home, cluster_services& services,
                       std::uint64_t random_seed)
    : strand_actor(config, home), cluster_(services), random_(random_seed) {
}

void mesh_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

// -- what the transport reports -------------------------------------------------------------------

void mesh_actor::opened(const cluster::peer_opened& m) {
  auto& c = connections_[m.connection];
  c.inbound = m.inbound;
  c.certified_name = m.certified_name;
  c.since = now();
  c.open = true;
  greet(m.connection);
}

void mesh_actor::received(const cluster::peer_received& m) {
  const auto found = connections_.find(m.connection);
  if (found == connections_.end())
    return;
  auto& c = found->second;
  if (c.refused)
    return;
  if (c.who.name.empty())
    return hear_greeting(m.connection, c, m.batch);
  if (const auto link = links_.find(c.who);
      link != links_.end() && link->second.connection == m.connection)
    tell(link->second.entry->link, link_batch{m.connection, m.batch});
}

void mesh_actor::closed(const cluster::peer_closed& m) {
  const auto found = connections_.extract(m.connection);
  if (!found)
    return;
  const auto& c = found.mapped();
  if (m.refused && !c.dialled_name.empty())
    spdlog::debug("cluster: nobody listens at {} of {}", c.dialled_address, c.dialled_name);
  if (m.refused && !c.dialled_name.empty())
    tell(cluster_.membership, peer_refused{c.dialled_name, c.dialled_address});
  const auto link = links_.find(c.who);
  if (link == links_.end() || link->second.connection != m.connection)
    return;
  spdlog::info("cluster: the connection with {} is over: {}", c.who.name, m.why);
  link->second.connection = 0;
  link->second.idle_since = now();
  tell(link->second.entry->link, link_lost{m.connection, m.why});
  tell(cluster_.membership, peer_vanished{c.who, m.why});
  redials_.erase(c.who.name);
  // At once, and from both sides: if nobody listens there any more, this will tell.
  if (const auto* member = cluster::find(view_, c.who))
    dial(member->id.name, member->address);
}

// -- greeting -------------------------------------------------------------------------------------

void mesh_actor::greet(connection_id id) {
  const auto& s = cluster_.settings;
  const auto hello =
      wire::encode(cluster_.view_no.load(), argosy::address{}, 0,
                   cluster::link_hello{s.cluster, s.self.id, s.self.address, s.protocol,
                                       s.settings_hash, cluster_.view_no.load()},
                   now());
  send_alone(id, hello);
}

// Outside of any count: greetings come before the link.
void mesh_actor::send_alone(connection_id id, const cluster::shared_bytes& envelope) {
  cluster_.transport.send(
      id, std::make_shared<const std::string>(wire::encode_batch({}, std::span{&envelope, 1})));
}

void mesh_actor::hear_greeting(connection_id id, connection& c,
                               const cluster::shared_bytes& batch) {
  wire::batch_view said;
  node_envelope first;
  if (wire::decode_batch(*batch, said) != wire::envelope_flaw::none || said.envelopes.empty()
      || wire::decode(said.envelopes.front(), first, now()) != wire::envelope_flaw::none)
    return refuse(id, c, "the first message is no greeting of this protocol");
  const auto* peer = std::get_if<peer_message>(&first.what);
  if (peer == nullptr)
    return refuse(id, c, "the first message is no greeting");
  if (const auto* no = std::get_if<cluster::link_refused>(peer)) {
    const std::string where = c.dialled_address.empty() ? "a node that dialled" : c.dialled_address;
    if (said_.is_news(where + no->why, now(), refusal_told_every))
      spdlog::log(cluster_.leaving.load() ? spdlog::level::info : spdlog::level::err,
                  "cluster: {} refuses this node: {}", where, no->why);
    if (!c.dialled_name.empty())
      tell(cluster_.membership, greeting_refused{c.dialled_name, no->why});
    return cluster_.transport.close(id);
  }
  const auto* hello = std::get_if<cluster::link_hello>(peer);
  if (hello == nullptr)
    return refuse(id, c, "the first message is no greeting");
  c.greeted_name = hello->from.name;
  c.outlived = cluster::is_fenced(view_, hello->from);
  if (const auto why = objection(c, *hello); !why.empty())
    return refuse(id, c, why);
  welcome(id, c, *hello);
}

std::string mesh_actor::objection(const connection& c, const cluster::link_hello& hello) const {
  const auto& mine = cluster_.settings;
  if (hello.cluster != mine.cluster)
    return "cluster.name is \"" + hello.cluster + "\" there and \"" + mine.cluster
           + "\" here; nodes of one cluster must agree on it";
  if (hello.version != mine.protocol)
    return "node \"" + hello.from.name + "\" speaks cluster protocol "
           + std::to_string(hello.version) + ", this one " + std::to_string(mine.protocol)
           + "; run versions of Argosy that overlap";
  if (!cluster::valid_member_name(hello.from.name))
    return "the other node's name is not valid";
  if (hello.from.name == mine.self.id.name)
    return "node.name \"" + hello.from.name + "\" is taken by another node; each needs its own";
  if (!c.certified_name.empty() && c.certified_name != hello.from.name)
    return "the certificate is of node \"" + c.certified_name + "\", and the greeting of \""
           + hello.from.name + "\"; give each node its own certificate";
  if (!c.dialled_name.empty() && c.dialled_name != hello.from.name)
    return "at " + c.dialled_address + " node \"" + hello.from.name + "\" answers, not \""
           + c.dialled_name + "\"; correct cluster.seeds";
  if (const auto* there = cluster::find(view_, hello.from.name);
      there != nullptr && there->address != hello.address)
    return "node.name: the name " + hello.from.name + " belongs to the node at " + there->address
           + ", and the one at " + hello.address + " asks for it, too; give each its own";
  if (hello.settings_hash != mine.settings_hash)
    return "the settings that must be alike on all nodes (namespaces, limits) differ from those of "
           "\""
           + hello.from.name + "\"; compare `argosy node --dump-config` of both";
  if (cluster::is_fenced(view_, hello.from))
    return "this life of node \"" + hello.from.name + "\" was declared over in view "
           + std::to_string(view_.no) + "; it must start anew";
  return {};
}

// The other side closes when it has read why; until then, and at most for a second, so it stays. Of
// a life that is over it hears in which view: so that it can begin another one.
void mesh_actor::refuse(connection_id id, connection& c, const std::string& why) {
  ++refused_;
  if (said_.is_news(c.greeted_name + ": " + why, now(), refusal_told_every))
    spdlog::warn("cluster: a connection was refused: {}", why);
  if (c.outlived)
    send_alone(id,
               wire::encode(view_.no, argosy::address{}, 0, cluster::view_decided{view_}, now()));
  send_alone(id, wire::encode(cluster_.view_no.load(), argosy::address{}, 0,
                              cluster::link_refused{why}, now()));
  c.refused = true;
  c.since = now();
  if (!c.dialled_name.empty())
    tell(cluster_.membership, greeting_refused{c.dialled_name, why});
}

bool mesh_actor::keeps_older(const connection& older, const connection& newer) const {
  if (older.inbound == newer.inbound || newer.since - older.since > crossing)
    return false;
  const bool older_by_lesser = older.inbound == (older.who.name < cluster_.settings.self.id.name);
  return older_by_lesser;
}

void mesh_actor::welcome(connection_id id, connection& c, const cluster::link_hello& hello) {
  auto& link = links_[hello.from];
  if (!link.entry) {
    auto made = spawn_on<link_actor>(home_system(), home(), cluster_, hello.from);
    auto figures = actor_object<link_actor>(made).figures();
    link.entry = cluster_.peers.add(hello.from, std::move(made), std::move(figures));
  }
  if (const auto older = connections_.find(link.connection); older != connections_.end()) {
    if (keeps_older(older->second, c))
      return cluster_.transport.close(id);
    cluster_.transport.close(older->first);
    tell(link.entry->link, link_lost{older->first, "replaced by a newer connection"});
    connections_.erase(older);
  }
  c.who = hello.from;
  link.connection = id;
  redials_.erase(hello.from.name);
  spdlog::info("cluster: connected with {}", to_string(hello.from));
  tell(link.entry->link, link_opened{id});
  tell(cluster_.membership, peer_reached{hello.from, hello.address, hello.view_no});
}

// -- keeping --------------------------------------------------------------------------------------

void mesh_actor::keep(keep_links& m) {
  if (m.by.no >= view_.no)
    view_ = std::move(m.by);
  dial_missing();
}

void mesh_actor::begin_again(const argosy::begin_again&) {
  for (const auto& [id, c] : std::exchange(connections_, {}))
    cluster_.transport.close(id);
  for (const auto& [id, link] : std::exchange(links_, {})) {
    tell(link.entry->link, link_over{});
    cluster_.peers.remove(id);
  }
  redials_.clear();
}

void mesh_actor::tick(const mesh_tick&) {
  end_stale();
  dial_missing();
  tell_self_after(tick_every, mesh_tick{});
}

void mesh_actor::dial_missing() {
  const auto& self = cluster_.settings.self.id;
  const bool member = cluster::find(view_, self) != nullptr;
  std::set<std::string_view> taken{self.name};
  for (const auto& [id, c] : connections_)
    taken.insert({c.who.name, c.dialled_name});
  for (const auto& m : view_.members)
    if (!taken.contains(m.id.name) && (self.name < m.id.name || was_lost(m.id)))
      dial(m.id.name, m.address);
  for (const auto& s : cluster_.settings.seeds)
    if (!taken.contains(s.name) && (self.name < s.name || !member))
      dial(s.name, s.address);
}

// The other side should have dialled by now: if nobody listens there any more, this will tell.
bool mesh_actor::was_lost(const cluster::node_identity& id) {
  const auto link = links_.find(id);
  return link != links_.end() && link->second.connection == 0
         && now() - link->second.idle_since > take_over;
}

void mesh_actor::dial(const std::string& name, const std::string& where) {
  const auto of_name = [&](const auto& entry) {
    return entry.second.who.name == name || entry.second.dialled_name == name;
  };
  if (std::any_of(connections_.begin(), connections_.end(), of_name))
    return;
  auto& next = redials_[name];
  const auto instant = now();
  if (instant < next.at)
    return;
  const auto& s = cluster_.settings;
  next.pause = std::clamp(next.pause * 2, s.redial_min, s.redial_max);
  std::uniform_int_distribution<std::int64_t> dither{next.pause.count() / 2, next.pause.count()};
  next.at = instant + std::chrono::milliseconds{dither(random_)};
  auto& c = connections_[cluster_.transport.dial(where)];
  c.inbound = false;
  c.dialled_name = name;
  c.dialled_address = where;
  c.since = instant;
}

void mesh_actor::end_stale() {
  const auto instant = now();
  for (const auto& [id, c] : connections_)
    if (c.open && c.who.name.empty()
        && instant - c.since > (c.refused ? refusal_linger : cluster_.settings.hello_timeout))
      cluster_.transport.close(id);
  std::erase_if(links_, [&](auto& entry) {
    auto& [id, link] = entry;
    const bool gone = cluster::is_fenced(view_, id)
                      || (link.connection == 0 && cluster::find(view_, id) == nullptr
                          && instant - link.idle_since > stranger_linger);
    if (gone) {
      tell(link.entry->link, link_over{});
      cluster_.peers.remove(id);
    }
    return gone;
  });
}

void mesh_actor::describe_to(const describe& m) {
  description answer{0, "mesh", cluster_.node.node_name, {}};
  for (const auto& [id, link] : links_)
    answer.facts.emplace_back(to_string(id), link.connection != 0 ? "connected" : "apart");
  answer.facts.emplace_back("refused", std::to_string(refused_));
  m.origin.answer(std::move(answer));
}

} // namespace argosy
