// Whom an inquiry asks for each topic, and how it puts the answers together.
#include "actors/admin/actor_kinds.hpp"
#include "actors/admin/inquiry_actor.hpp"
#include "runtime/cluster/placement.hpp"
#include "runtime/cluster/view.hpp"
#include "runtime/messages/facts.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace argosy {

namespace {

/// Of more, some are asked: a list of all would cost more than it tells.
constexpr std::size_t asked_max = 10'000;

/// "0-11 40 97-99".
std::string ranges_of(const std::vector<std::uint32_t>& ascending) {
  std::string out;
  for (std::size_t i = 0; i < ascending.size();) {
    auto last = i;
    while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1)
      ++last;
    out += (out.empty() ? "" : " ") + std::to_string(ascending[i]);
    if (last > i)
      out += "-" + std::to_string(ascending[last]);
    i = last + 1;
  }
  return out;
}

} // namespace

/// By `inquiry`.
const std::array<inquiry_actor::step, inquiry_count> inquiry_actor::topics_{
    &inquiry_actor::ask_about_node,   &inquiry_actor::ask_about_members,
    &inquiry_actor::ask_about_shards, &inquiry_actor::ask_about_links,
    &inquiry_actor::ask_about_actors, &inquiry_actor::ask_about_actor,
    &inquiry_actor::ask_about_room,   &inquiry_actor::ask_about_user,
};

// -- the node and its fleet -----------------------------------------------------------------------

description inquiry_actor::self() {
  std::uint64_t connections = 0;
  for (const auto& loop : node_.metrics.loops)
    connections += loop.opened.get() - loop.closed.get();
  std::uint32_t shards = 0;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    shards += node_.routes.place_of(shard) == this_node ? 1 : 0;
  const auto view = node_.others == nullptr ? nullptr : node_.others->view();
  const auto* me = view ? cluster::find(*view, node_.others->self()) : nullptr;
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(uptime_).count();
  return {0,
          "node",
          node_.node_name,
          {{"state", node_.others == nullptr ? "alone"
                     : me == nullptr         ? "outside"
                                             : std::string{to_string(me->state)}},
           {"incarnation",
            node_.others == nullptr ? "0" : std::to_string(node_.others->self().incarnation)},
           {"view", std::to_string(view ? view->no : 0)},
           {"fenced", node_.fenced() ? "yes" : "no"},
           {"connections", std::to_string(connections)},
           {"users", std::to_string(node_.routes.count(address_kind::user))},
           {"rooms", std::to_string(node_.routes.count(address_kind::room))},
           {"replicas", std::to_string(node_.routes.count(address_kind::replica))},
           {"shards", std::to_string(shards)},
           {"uptime_s", std::to_string(uptime)},
           {"version", node_.version}}};
}

void inquiry_actor::ask_about_node() {
  answer_.items.push_back(self());
  then_ = &inquiry_actor::merge_leadership;
  ask_keepers("membership");
}

void inquiry_actor::merge_leadership() {
  auto& me = answer_.items.front();
  if (answer_.items.size() > 1)
    for (const auto* key : {"leads", "leader", "term"})
      if (const auto value = fact(answer_.items[1], key); !value.empty())
        me.facts.emplace_back(key, value);
  answer_.items.resize(1);
}

void inquiry_actor::ask_about_members() {
  const auto view = node_.others == nullptr ? nullptr : node_.others->view();
  if (!view) {
    answer_.items.push_back(
        {0,
         "member",
         node_.node_name,
         {{"state", node_.others == nullptr ? "alone" : "outside"}, {"view", "0"}}});
    return;
  }
  const auto placed = node_.others->placement();
  for (const auto& m : view->members)
    answer_.items.push_back({0,
                             "member",
                             m.id.name,
                             {{"state", std::string{to_string(m.state)}},
                              {"incarnation", std::to_string(m.id.incarnation)},
                              {"address", m.address},
                              {"weight", std::to_string(m.weight)},
                              {"zone", m.zone},
                              {"region", m.region},
                              {"shards", std::to_string(placed->shards_of(m.id.name).size())},
                              {"view", std::to_string(view->no)}}});
  for (const auto& id : view->fenced)
    answer_.items.push_back(
        {0,
         "member",
         id.name,
         {{"state", "fenced"}, {"incarnation", std::to_string(id.incarnation)}}});
}

void inquiry_actor::ask_about_shards() {
  const auto placed = node_.others == nullptr ? nullptr : node_.others->placement();
  std::map<std::string, std::vector<std::uint32_t>> owned;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    const auto* owner = placed ? placed->owner(shard) : nullptr;
    owned[owner != nullptr          ? owner->name
          : node_.others == nullptr ? node_.node_name
                                    : ""]
        .push_back(shard);
  }
  for (const auto& [name, shards] : owned)
    if (what_.subject.empty() || what_.subject == name)
      answer_.items.push_back(
          {0,
           "owner",
           name,
           {{"shards", std::to_string(shards.size())},
            {"which", what_.subject.empty() ? std::string{} : ranges_of(shards)}}});
}

void inquiry_actor::ask_about_links() {
  then_ = &inquiry_actor::merge_round_trips;
  ask_keepers("link/");
  ask_keepers("membership");
}

// Membership probes the nodes, so it knows how far each is.
void inquiry_actor::merge_round_trips() {
  const auto is_link = [](const description& d) { return d.kind == "link"; };
  const auto rest = std::stable_partition(answer_.items.begin(), answer_.items.end(), is_link);
  if (rest != answer_.items.end())
    for (auto link = answer_.items.begin(); link != rest; ++link)
      link->facts.emplace_back("rtt_us",
                               fact(*rest, "rtt_us " + link->name.substr(0, link->name.find('#'))));
  answer_.items.erase(rest, answer_.items.end());
}

// -- actors by kind -------------------------------------------------------------------------------

void inquiry_actor::ask_all_of(address_kind kind) {
  auto all = node_.routes.active(kind);
  answer_.total = all.size();
  all.resize(std::min(all.size(), asked_max));
  for (const auto& at : all)
    ask(node_.routes.find(at));
}

void inquiry_actor::ask_about_actors() {
  then_ = &inquiry_actor::keep_largest;
  if (what_.subject == "room")
    return ask_all_of(address_kind::room);
  if (what_.subject == "user")
    return ask_all_of(address_kind::user);
  if (what_.subject == "presence")
    return ask_all_of(address_kind::presence);
  if (what_.subject == "connection")
    return ask_loops(describe_loop::what::connections, {});
  if (what_.subject == "link")
    return ask_keepers("link/");
  if (what_.subject == "replica") {
    ask_loops(describe_loop::what::rooms, {});
    then_ = &inquiry_actor::ask_replicas_of_largest;
  } else if (what_.subject == "loop") {
    for (const auto& loop : node_.fan_workers)
      ask(loop);
  }
}

// A loop knows how many members it has, a replica all the rest: only the largest are asked.
void inquiry_actor::ask_replicas_of_largest() {
  merge_members();
  keep_largest();
  answer_.total = node_.routes.count(address_kind::replica);
  then_ = &inquiry_actor::merge_members;
  for (std::size_t i = 0, n = answer_.items.size(); i < n; ++i)
    if (const auto at = address::parse(answer_.items[i].name))
      ask(node_.routes.find(at->as(address_kind::replica)));
}

/// One line a replica: the members of all loops, and what the replica says of itself.
void inquiry_actor::merge_members() {
  std::map<std::string, std::pair<std::uint64_t, description>> rooms;
  std::vector<description> rest;
  for (auto& d : answer_.items) {
    if (d.kind != "members" && d.kind != "replica") {
      rest.push_back(std::move(d));
      continue;
    }
    const auto at = address::parse(d.name);
    auto& [members, line] = rooms[std::string{at ? at->as(address_kind::replica).text() : d.name}];
    members += number(fact(d, "members"));
    if (d.kind == "replica")
      line.facts = std::move(d.facts);
  }
  for (auto& [name, room] : rooms) {
    auto& [members, line] = room;
    line.facts.emplace(line.facts.begin(), "members", std::to_string(members));
    rest.push_back({0, "replica", name, std::move(line.facts)});
  }
  answer_.items = std::move(rest);
  if (what_.about == inquiry::actors)
    keep_largest();
}

void inquiry_actor::keep_largest() {
  const auto* kind = find_kind(what_.subject);
  if (kind == nullptr)
    return;
  const auto larger = [&](const description& a, const description& b) {
    return number(fact(a, kind->size)) > number(fact(b, kind->size));
  };
  auto& all = answer_.items;
  answer_.total = std::max<std::uint64_t>(answer_.total, all.size());
  std::stable_sort(all.begin(), all.end(), larger);
  all.resize(std::min<std::size_t>(all.size(), limit()));
}

// -- one of them ----------------------------------------------------------------------------------

void inquiry_actor::ask_about_actor() {
  if (const auto at = address::parse(what_.subject))
    return ask(node_.routes.find(*at));
  if (what_.subject == "presence_agent")
    return ask(node_.presence_agent);
  if (what_.subject == "admin")
    return ask(node_.admin);
  if (what_.subject.starts_with("loop/")) {
    const auto i = number(std::string_view{what_.subject}.substr(5));
    if (i < node_.fan_workers.size())
      ask(node_.fan_workers[i]);
    return;
  }
  if (node_.others != nullptr)
    for (const auto& [role, actor] : node_.others->keepers())
      if (role == what_.subject)
        return ask(actor);
  ask_loops(describe_loop::what::connections, what_.subject);
}

void inquiry_actor::ask_about_room() {
  const auto at = address::parse(what_.subject);
  if (!at || at->kind() != address_kind::room)
    return;
  then_ = &inquiry_actor::merge_members;
  ask(node_.routes.find(*at));
  if (const auto replica = node_.routes.find(at->as(address_kind::replica))) {
    ask(replica);
    ask_loops(describe_loop::what::rooms, what_.subject);
  }
}

void inquiry_actor::ask_about_user() {
  const auto at = address::parse(what_.subject);
  if (!at || at->kind() != address_kind::user)
    return;
  ask(node_.routes.find(*at));
  ask_loops(describe_loop::what::connections, what_.subject);
}

} // namespace argosy
