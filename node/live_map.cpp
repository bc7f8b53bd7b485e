#include "node/live_map.hpp"

#include "runtime/cluster/placement.hpp"
#include "runtime/core/json_writer.hpp"
#include "runtime/messages/facts.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds fresh{1'000};
constexpr std::chrono::milliseconds patience{1'000};

http_response json_response(int status, std::string body) {
  return {status, "application/json", std::move(body), {{"cache-control", "no-store"}}};
}

/// Percent escapes and `+` of a query; what is no escape stays as it is.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const auto* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size()
        && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

void write_node(json_writer& w, std::string_view name, const description& d) {
  w.open_object().key("name").text(name).key("silent").flag(false);
  w.key("state").text(fact(d, "state"));
  w.key("fenced").flag(fact(d, "fenced") == "yes");
  w.key("leads").flag(fact(d, "leads") == "yes");
  for (const auto* key : {"view", "connections", "users", "rooms", "shards", "uptime_s"})
    w.key(key).number(number(fact(d, key)));
  w.close_object();
}

const node_told* answer_in(const std::pair<std::string, fleet_told::answer>& of) {
  return std::get_if<node_told>(&of.second);
}

void write_room(json_writer& w, std::string_view room, std::string_view owner,
                const fleet_told& members) {
  w.key("room").open_object().key("name").text(room).key("owner").text(owner);
  w.key("members").open_object();
  for (const auto& of : members.nodes)
    if (const auto* told = answer_in(of))
      for (const auto& d : told->items)
        if (d.kind == "replica")
          w.key(of.first).number(number(fact(d, "members")));
  w.close_object();
  for (const auto& of : members.nodes)
    if (const auto* told = answer_in(of))
      for (const auto& d : told->items)
        if (d.kind == "room" && of.first == owner)
          w.key("offset").number(number(fact(d, "offset")));
  w.close_object();
}

std::string owner_of(const node_services& node, const address& room) {
  if (node.others == nullptr)
    return node.node_name;
  const auto placed = node.others->placement();
  const auto* owner = placed ? placed->owner(room.shard()) : nullptr;
  return owner != nullptr ? owner->name : std::string{};
}

} // namespace

std::string map_json(std::string_view self, const fleet_told& nodes, std::string_view room,
                     std::string_view owner, const fleet_told& members) {
  std::string out;
  json_writer w{out};
  w.open_object().key("self").text(self).key("nodes").open_array();
  for (const auto& of : nodes.nodes)
    if (const auto* told = answer_in(of); told != nullptr && !told->items.empty())
      write_node(w, of.first, told->items.front());
  for (const auto& name : nodes.silent)
    w.open_object().key("name").text(name).key("silent").flag(true).close_object();
  w.close_array();
  if (!room.empty())
    write_room(w, room, owner, members);
  w.close_object();
  return out;
}

// `?room=chat%3Alobby`.
std::string room_asked_for(std::string_view target) {
  constexpr std::string_view name = "room=";
  auto query = target.substr(std::min(target.find('?'), target.size()));
  while (!query.empty()) {
    query.remove_prefix(1);
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (pair.starts_with(name))
      return unescaped(pair.substr(name.size()));
    query.remove_prefix(end);
  }
  return {};
}

live_map::live_map(const node_services& services) : node_(services) {
}

void live_map::answer(std::string_view target, http_responder respond) {
  const auto room = room_asked_for(target);
  if (!room.empty() && !node_.channels->valid_channel(room))
    return respond(json_response(400, R"({"error":"room is not the name of a channel"})"));
  const auto now = std::chrono::steady_clock::now();
  std::string known;
  bool ask_now = false;
  {
    const std::lock_guard guard{shared_->mutex};
    auto& all = shared_->entries;
    if (!all.contains(room) && all.size() >= rooms_max)
      std::erase_if(
          all, [&](const auto& e) { return !e.second.asked && now - e.second.asked_at > fresh; });
    if (!all.contains(room) && all.size() >= rooms_max)
      return respond(json_response(503, R"({"error":"too many rooms are looked at; try again"})"));
    auto& here = all[room];
    if (!here.asked && !here.json.empty() && now - here.asked_at <= fresh) {
      known = here.json;
    } else {
      here.waiting.push_back(std::move(respond));
      ask_now = !std::exchange(here.asked, true);
      if (ask_now)
        here.asked_at = now;
    }
  }
  if (!known.empty())
    respond(json_response(200, std::move(known)));
  else if (ask_now)
    ask(room);
}

void live_map::ask(const std::string& room) {
  const auto ask_all = [admin = node_.admin](inquiry about, std::string subject,
                                             std::function<void(fleet_told)> done) {
    tell(admin, ask_fleet{inquire_node{{}, about, std::move(subject), 0}, patience, false,
                          std::move(done)});
  };
  const address at{"default", address_kind::room, room.empty() ? "none" : room};
  const auto owner = owner_of(node_, at);
  const auto finish = [all = shared_, self = node_.node_name, room,
                       owner](const fleet_told& nodes, const fleet_told& members) {
    settle(*all, room, map_json(self, nodes, room, owner, members));
  };
  ask_all(inquiry::node, {}, [ask_all, room, at, finish](fleet_told nodes) {
    if (room.empty())
      return finish(nodes, {});
    ask_all(
        inquiry::room, std::string{at.text()},
        [finish, nodes = std::move(nodes)](const fleet_told& members) { finish(nodes, members); });
  });
}

void live_map::settle(shared& all, const std::string& room, const std::string& json) {
  std::vector<http_responder> waiting;
  {
    const std::lock_guard guard{all.mutex};
    const auto found = all.entries.find(room);
    if (found == all.entries.end())
      return;
    found->second.json = json;
    found->second.asked = false;
    waiting = std::exchange(found->second.waiting, {});
  }
  for (const auto& respond : waiting)
    respond(json_response(200, json));
}

} // namespace argosy
