// The answers of rooms, users, presence and loops, written as the server API's JSON.
#include "actors/gateway/api_actor.hpp"
#include "runtime/core/json_writer.hpp"
#include "runtime/json/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace argosy {

namespace {

void write_info(json_writer& w, const client_info& info) {
  w.open_object().key("client").text(info.client.text()).key("user").text(info.user);
  if (!info.conn_info.empty())
    w.key("conn_info").raw(info.conn_info);
  if (!info.chan_info.empty())
    w.key("chan_info").raw(info.chan_info);
  w.close_object();
}

/// SDKs do not know these members; they are there only when something is missing.
void write_missing(json_writer& w, std::string_view name, const std::vector<std::string>& nodes) {
  if (nodes.empty())
    return;
  w.key(name).open_array();
  for (const auto& node : nodes)
    w.text(node);
  w.close_array();
}

std::string channels_of(const fleet_told& told) {
  std::map<std::string_view, std::uint64_t> members;
  std::vector<std::string> cut;
  for (const auto& [node, answer] : told.nodes) {
    const auto* counted = std::get_if<members_counted>(&answer);
    if (counted == nullptr)
      continue;
    if (counted->error != errc::none)
      cut.push_back(node);
    for (const auto& [channel, n] : counted->rooms)
      members[channel] += n;
  }
  std::string out;
  json_writer w{out};
  w.open_object().key("channels").open_object();
  for (const auto& [channel, n] : members)
    w.key(channel).open_object().key("num_clients").number(n).close_object();
  w.close_object();
  write_missing(w, "silent_nodes", told.silent);
  write_missing(w, "cut_nodes", cut);
  w.close_object();
  return out;
}

std::string_view fact(const description& d, std::string_view key) {
  for (const auto& [name, value] : d.facts)
    if (name == key)
      return value;
  return {};
}

void write_node(json_writer& w, const description& d) {
  const auto number = [&](std::string_view member, std::string_view key) {
    std::uint64_t n = 0;
    const auto text = fact(d, key);
    std::from_chars(text.data(), text.data() + text.size(), n);
    w.key(member).number(n);
  };
  w.open_object().key("uid").text(d.name).key("name").text(d.name);
  w.key("version").text(fact(d, "version"));
  number("num_clients", "connections");
  number("num_users", "users");
  number("num_channels", "replicas");
  number("uptime", "uptime_s");
  w.close_object();
}

std::string info_of(const fleet_told& told) {
  std::string out;
  json_writer w{out};
  w.open_object().key("nodes").open_array();
  for (const auto& [node, answer] : told.nodes)
    if (const auto* of = std::get_if<node_told>(&answer); of != nullptr && !of->items.empty())
      write_node(w, of->items.front());
  w.close_array();
  write_missing(w, "silent_nodes", told.silent);
  w.close_object();
  return out;
}

} // namespace

void api_actor::published(const room_published& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  std::string out;
  json_writer w{out};
  w.open_object();
  if (m.position.offset > 0)
    w.key("offset").number(m.position.offset).key("epoch").text(m.position.epoch);
  w.close_object();
  answer(m.ticket, std::move(out));
}

void api_actor::commanded(const sessions_commanded& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  answer(m.ticket, "{}");
}

void api_actor::listed(const presence_listed& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  std::string out;
  json_writer w{out};
  w.open_object();
  if (m.count_only) {
    w.key("num_clients").number(m.num_clients).key("num_users").number(m.num_users);
  } else {
    w.key("presence").open_object();
    for (const auto& client : m.clients) {
      w.key(client->client.text());
      write_info(w, *client);
    }
    w.close_object();
  }
  w.close_object();
  answer(m.ticket, std::move(out));
}

void api_actor::read(const history_read& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  std::string out;
  json_writer w{out};
  w.open_object().key("publications").open_array();
  for (const auto& p : m.items) {
    w.open_object();
    if (is_json(p->data))
      w.key("data").raw(p->data);
    else
      w.key("b64data").base64(p->data);
    w.key("offset").number(p->offset);
    if (p->info) {
      w.key("info");
      write_info(w, *p->info);
    }
    if (!p->tags.empty()) {
      w.key("tags").open_object();
      for (const auto& [key, value] : p->tags)
        w.key(key).text(value);
      w.close_object();
    }
    w.close_object();
  }
  w.close_array().key("epoch").text(m.position.epoch).key("offset").number(m.position.offset);
  w.close_object();
  answer(m.ticket, std::move(out));
}

void api_actor::cleared(const history_cleared& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  answer(m.ticket, "{}");
}

// -- of all nodes ---------------------------------------------------------------------------------

void api_actor::told(const fleet_answered& m) {
  const auto of_nodes = std::any_of(m.told.nodes.begin(), m.told.nodes.end(), [](const auto& n) {
    return std::holds_alternative<node_told>(n.second);
  });
  answer(m.ticket, of_nodes ? info_of(m.told) : channels_of(m.told));
}

} // namespace argosy
