// capnp_client: the other end of the Cap'n Proto dialect, for tests: builds the bytes of commands,
// and writes a server's message down as Cap'n Proto's own text form.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <functional>
#include <schemas/client.capnp.h>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::test {

/// One ClientMessage with a command per function, each of which fills its own.
std::string client_message(const std::vector<std::function<void(wire::Command::Builder)>>& fill);

/// The bytes of `message`, framed.
std::string bytes_of(capnp::MessageBuilder& message);

/// A server's message as text, e.g. "(ping = void)".
std::string server_text(std::string_view bytes);

} // namespace argosy::test
