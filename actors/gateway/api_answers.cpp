// The answers of rooms, users, presence and loops, written as the server API's JSON.
#include "actors/gateway/api_actor.hpp"
#include "runtime/core/json_writer.hpp"
#include "runtime/protocol/json_text.hpp"

#include <utility>

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

void api_actor::counted(const members_counted& m) {
  const auto found = questions_.find(m.ticket);
  if (found == questions_.end())
    return;
  auto& q = found->second;
  for (const auto& [channel, members] : m.rooms)
    q.rooms[channel] += members;
  if (--q.answers_missing > 0)
    return;
  std::string out;
  json_writer w{out};
  w.open_object().key("channels").open_object();
  for (const auto& [channel, members] : q.rooms)
    w.key(channel).open_object().key("num_clients").number(members).close_object();
  w.close_object().close_object();
  answer(m.ticket, std::move(out));
}

} // namespace argosy
