// user_actor: the session table of one online user, on the owner of the user's shard.
//
// Answers open_session (the exact cap is decided here), hears session_closed, hands publish_user to
// every device and passes on what the server API asks of the sessions. Lives while the user is
// online. A strand actor: it costs about 250 bytes, so that a million users cost as many quarters
// of a kilobyte.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/core/session_table.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/user.hpp"

namespace argosy {

class user_actor final : public strand_actor {
public:
  user_actor(caf::actor_config& config, strand& home, node_services& services, address at);

  void receive(caf::mailbox_element& what) override;
  void failed(const char* what) noexcept override;

private:
  void open(open_session& m);
  void close(session_closed& m);
  void publish(publish_user& m);
  void command(command_sessions& m);
  void describe_to(describe& m);
  void retire_if_offline();

  static const std::array<message_row<user_actor>, 5> table_;

  node_services& node_;
  address at_;
  session_table<caf::strong_actor_ptr> sessions_;
};

} // namespace argosy
