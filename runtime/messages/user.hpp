// user: the conversation between a user's session table and the connections of that user.
#pragma once

#include "runtime/cluster/member.hpp"
#include "runtime/core/client_info.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/core/publication.hpp"
#include "runtime/core/session_verb.hpp"
#include "runtime/protocol/command.hpp"
#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <string>
#include <vector>

namespace argosy {

/// A connection of the user has authenticated. Answered by session_opened.
struct open_session {
  reply_to origin; ///< the connection; its handle is the session's
  client_id client;
  std::uint32_t sessions_max = 0; ///< 0 = no cap
  cluster::node_identity gateway; ///< the connection's node, where that is another one
};
struct session_opened {
  std::uint32_t ticket = 0;
  errc error = errc::none; ///< connection_limit when the user has too many
  bool first = false;      ///< the user came online with it
};
struct session_closed {
  client_id client;
};

/// A message to all devices of the user: a publication of the personal room. Answered by
/// room_published, so that publishers need not know the difference.
struct publish_user {
  reply_to origin;
  std::string data;
  client_info_ptr publisher;
  std::map<std::string, std::string> tags;
};

/// What the server API asks of a user's connections. `client` empty = all of them.
struct command_sessions {
  reply_to origin;
  std::string client;
  using what = session_verb;
  what verb{};
  std::string channel;
  std::uint32_t code = 0;
  std::string reason;
  std::int64_t expires_at = 0; ///< refresh: Unix seconds, 0 = never
};
struct sessions_commanded {
  std::uint32_t ticket = 0;
  std::uint32_t sessions = 0; ///< how many were told
  errc error = errc::none;
};

// -- to the connection ----------------------------------------------------------------------------

/// The session table of its user has moved or is lost: announce yourself again.
struct reopen_session {};
/// A publication of the personal room.
struct deliver_direct {
  publication_ptr what;
};
struct end_session {
  std::uint32_t code = 3000;
  std::string reason;
};
struct subscribe_session {
  std::string channel;
};
struct unsubscribe_session {
  std::string channel;
  std::uint32_t code = 2000;
};
struct refresh_session {
  std::int64_t expires_at = 0;
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::open_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::session_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::session_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::publish_user)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::command_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::sessions_commanded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::reopen_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::deliver_direct)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::end_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::subscribe_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::unsubscribe_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::refresh_session)
