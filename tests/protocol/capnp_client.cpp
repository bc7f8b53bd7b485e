#include "tests/protocol/capnp_client.hpp"

#include <capnp/pretty-print.h>

#include <cstring>

namespace argosy::test {

std::string bytes_of(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

std::string client_message(const std::vector<std::function<void(wire::Command::Builder)>>& fill) {
  capnp::MallocMessageBuilder message;
  auto commands =
      message.initRoot<wire::ClientMessage>().initCommands(static_cast<unsigned>(fill.size()));
  for (unsigned i = 0; i < commands.size(); ++i)
    fill[i](commands[i]);
  return bytes_of(message);
}

std::string server_text(std::string_view bytes) {
  std::vector<capnp::word> words(bytes.size() / sizeof(capnp::word));
  std::memcpy(static_cast<void*>(words.data()), bytes.data(), bytes.size());
  capnp::FlatArrayMessageReader reader{kj::arrayPtr(words.data(), words.size())};
  return kj::str(reader.getRoot<wire::ServerMessage>()).cStr();
}

} // namespace argosy::test
