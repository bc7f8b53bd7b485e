// client_reader: one message of schemas/client.capnp from a client, turned into commands.
#pragma once

#include "runtime/protocol/dialect.hpp"

#include <string_view>

namespace argosy::wire {

/// Delivers the commands of a ClientMessage to `sink` in order. errc::closed_bad_request where the
/// schema says so; errc::none otherwise, also when the sink stopped early. Views in the commands
/// live until the next message on this thread.
[[nodiscard]] errc read_client_message(std::string_view bytes, command_sink& sink);

} // namespace argosy::wire
