#include "actors/user/user_actor.hpp"

#include "actors/service_actor.hpp"

#include <utility>

namespace argosy {

const std::array<message_row<user_actor>, 5> user_actor::table_{
    on<&user_actor::open>,    on<&user_actor::close>,       on<&user_actor::publish>,
    on<&user_actor::command>, on<&user_actor::describe_to>,
};

user_actor::user_actor(caf::actor_config& config, strand& home, node_services& services,
                       argosy::address at)
    : addressed_actor(config, home, services, std::move(at)) {
}

void user_actor::act_on(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

void user_actor::open(open_session& m) {
  using opened = session_table<caf::strong_actor_ptr>::opened;
  const auto result = sessions_.open(m.client, m.origin.actor, m.sessions_max);
  const bool refused = result == opened::over_cap;
  m.origin.answer(
      session_opened{0, refused ? errc::connection_limit : errc::none, result == opened::first});
}

void user_actor::close(session_closed& m) {
  sessions_.close(m.client);
  retire_if_offline();
}

void user_actor::retire_if_offline() {
  if (sessions_.empty())
    passivate();
}

void user_actor::publish(publish_user& m) {
  auto made = std::make_shared<publication>();
  made->data = std::move(m.data);
  made->info = std::move(m.publisher);
  made->tags = std::move(m.tags);
  made->time_ms = wall_ms();
  made->accepted_at = std::chrono::steady_clock::now();
  for (const auto& session : sessions_.all())
    tell(session.handle, deliver_direct{made});
  m.origin.answer(room_published{0, errc::none, {}});
  retire_if_offline();
}

void user_actor::command(command_sessions& m) {
  std::uint32_t told = 0;
  for (const auto& session : sessions_.all()) {
    if (!m.client.empty() && session.client.text() != m.client)
      continue;
    ++told;
    switch (m.verb) {
    case command_sessions::what::disconnect:
      tell(session.handle, end_session{m.code, m.reason});
      break;
    case command_sessions::what::subscribe:
      tell(session.handle, subscribe_session{m.channel});
      break;
    case command_sessions::what::unsubscribe:
      tell(session.handle, unsubscribe_session{m.channel, m.code == 0 ? 2000 : m.code});
      break;
    case command_sessions::what::refresh:
      tell(session.handle, refresh_session{m.expires_at});
      break;
    }
  }
  m.origin.answer(sessions_commanded{0, told});
  retire_if_offline();
}

void user_actor::describe_to(describe& m) {
  description answer{0, "user", std::string{at_.text()}, {}};
  for (const auto& session : sessions_.all())
    answer.facts.emplace_back("session", session.client.text());
  m.origin.answer(std::move(answer));
  retire_if_offline();
}

} // namespace argosy
