// user_actor: the session table of one online user, on the owner of the user's shard.
//
// Answers open_session (the exact cap is decided here), hears session_closed, hands publish_user to
// every device and passes on what the server API asks of the sessions. Lives while the user is
// online. A strand actor: it costs about 250 bytes, so that a million users cost as many quarters
// of a kilobyte.
#pragma once

#include "actors/addressed_actor.hpp"
#include "runtime/core/session_table.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/user.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace argosy {

class user_actor final : public addressed_actor {
public:
  user_actor(caf::actor_config& config, strand& home, node_services& services, argosy::address at);

private:
  bool act_on(caf::mailbox_element& what) override;

  void open(open_session& m);
  void make_room(client_id newcomer, std::size_t cap);
  void close(session_closed& m);
  void publish(publish_user& m);
  void command(command_sessions& m);
  void forget_node(node_gone& m);
  void describe_to(describe& m);
  void consider_retiring(const linger_over& m);
  void retire_if_offline();
  void last_session_gone();

  static const std::array<message_row<user_actor>, 7> table_;

  struct session_place {
    caf::strong_actor_ptr connection;                ///< null where it is on another node
    std::unique_ptr<cluster::node_identity> gateway; ///< that node; most sessions have none
  };
  template <class Order>
  std::uint32_t tell_sessions(const std::string& client, const Order& order);

  std::uint16_t lingers_ = 0; ///< timers under way: online, though no session may be left
  session_table<session_place> sessions_;
};

} // namespace argosy
