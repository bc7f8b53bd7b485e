#include "actors/user/user_actor.hpp"

#include "actors/service_actor.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace argosy {

const std::array<message_row<user_actor>, 7> user_actor::table_{
    on<&user_actor::open>,
    on<&user_actor::close>,
    on<&user_actor::publish>,
    on<&user_actor::command>,
    on<&user_actor::describe_to>,
    on<&user_actor::forget_node>,
    on<&user_actor::consider_retiring>,
};

user_actor::user_actor(caf::actor_config& config, strand& home, node_services& services,
                       argosy::address at)
    : addressed_actor(config, home, services, std::move(at)) {
}

bool user_actor::act_on(caf::mailbox_element& what) {
  return dispatch(table_, *this, what.content());
}

void user_actor::open(open_session& m) {
  if (m.sessions_max > 0 && node_.fenced())
    return m.origin.answer(session_opened{0, errc::retry_later, false});
  using opened = session_table<session_place>::opened;
  if (node_.limits.oldest_session_gives_way && m.sessions_max > 0)
    make_room(m.client, m.sessions_max);
  const bool remote = !m.gateway.name.empty();
  const auto result = sessions_.open(
      m.client,
      remote ? session_place{nullptr, std::make_unique<cluster::node_identity>(m.gateway)}
             : session_place{m.origin.actor, nullptr},
      m.sessions_max);
  const bool refused = result == opened::over_cap;
  m.origin.answer(session_opened{0, refused ? errc::connection_limit : errc::none,
                                 result == opened::first && lingers_ == 0});
}

void user_actor::make_room(client_id newcomer, std::size_t cap) {
  const auto& all = sessions_.all();
  const auto is_newcomer = [&](const auto& s) { return s.client == newcomer; };
  if (std::any_of(all.begin(), all.end(), is_newcomer))
    return;
  while (all.size() >= cap) {
    const auto& limit = info(errc::connection_limit);
    const auto oldest = all.front().client;
    tell_sessions(oldest.text(), end_session{limit.close_code, std::string{limit.text}});
    sessions_.close(oldest);
  }
}

void user_actor::close(session_closed& m) {
  if (sessions_.close(m.client))
    last_session_gone();
  retire_if_offline();
}

// In a fleet the user may be on the way to another node, and has never been offline then.
void user_actor::last_session_gone() {
  const auto linger = node_.presence.linger;
  if (node_.others == nullptr || linger.count() == 0)
    return;
  ++lingers_;
  tell_self_after(linger, linger_over{});
}

void user_actor::consider_retiring(const linger_over&) {
  --lingers_;
  retire_if_offline();
}

void user_actor::retire_if_offline() {
  if (sessions_.empty() && lingers_ == 0)
    passivate();
}

// One message for each connection here, and one for each other node that has some.
template <class Order>
std::uint32_t user_actor::tell_sessions(const std::string& client, const Order& order) {
  std::uint32_t told = 0;
  std::map<cluster::node_identity, std::vector<client_id>> elsewhere;
  for (const auto& session : sessions_.all()) {
    if (!client.empty() && session.client.text() != client)
      continue;
    ++told;
    if (session.handle.connection)
      tell(session.handle.connection, order);
    else
      elsewhere[*session.handle.gateway].push_back(session.client);
  }
  for (auto& [gateway, clients] : elsewhere)
    node_.others->order(gateway, {std::move(clients), order});
  return told;
}

void user_actor::publish(publish_user& m) {
  auto made = std::make_shared<publication>();
  made->data = std::move(m.data);
  made->info = std::move(m.publisher);
  made->tags = std::move(m.tags);
  made->time_ms = wall_ms();
  made->accepted_at = now();
  tell_sessions({}, deliver_direct{std::move(made)});
  m.origin.answer(room_published{0, errc::none, {}});
  retire_if_offline();
}

void user_actor::command(command_sessions& m) {
  std::uint32_t told = 0;
  switch (m.verb) {
  case command_sessions::what::disconnect:
    told = tell_sessions(m.client, end_session{m.code, m.reason});
    break;
  case command_sessions::what::subscribe:
    told = tell_sessions(m.client, subscribe_session{m.channel});
    break;
  case command_sessions::what::unsubscribe:
    told = tell_sessions(m.client, unsubscribe_session{m.channel, m.code == 0 ? 2000 : m.code});
    break;
  case command_sessions::what::refresh:
    told = tell_sessions(m.client, refresh_session{m.expires_at});
    break;
  }
  m.origin.answer(sessions_commanded{0, told});
  retire_if_offline();
}

void user_actor::forget_node(node_gone& m) {
  const bool was_online = !sessions_.empty();
  sessions_.close_if([&](const auto& s) { return s.handle.gateway && *s.handle.gateway == m.who; });
  if (was_online && sessions_.empty())
    last_session_gone();
  retire_if_offline();
}

void user_actor::describe_to(describe& m) {
  description answer{0, "user", std::string{at_.text()}, {}};
  answer.facts.emplace_back("sessions", std::to_string(sessions_.all().size()));
  for (const auto& session : sessions_.all())
    answer.facts.emplace_back("session " + session.client.text(), session.handle.gateway
                                                                      ? session.handle.gateway->name
                                                                      : node_.node_name);
  m.origin.answer(std::move(answer));
  retire_if_offline();
}

} // namespace argosy
