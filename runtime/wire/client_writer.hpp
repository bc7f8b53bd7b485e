// client_writer: replies and pushes as schemas/client.capnp lays them out.
#pragma once

#include "runtime/protocol/command.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace argosy::wire {

/// Appends the reply to command `id` as one whole message.
void write_reply(std::uint32_t id, const reply_body& body, std::string& out);

/// Appends a push for `channel` ("" for none) as one whole message.
void write_push(std::string_view channel, const push_body& body, bool with_offset,
                std::string& out);

/// Appends a ping as one whole message.
void write_ping(std::string& out);

} // namespace argosy::wire
