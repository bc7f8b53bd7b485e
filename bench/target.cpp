#include "bench/target.hpp"

#include <array>

namespace argosy::bench {

namespace {

constexpr target argosy_target{
    .name = "argosy",
    .path = "/connection/websocket",
    .has_capnp = true,
    .api_path = "/api/publish",
    .api_header = "X-API-Key: {key}\r\n",
    .api_body = R"({"channel":"{room}","data":{payload}})",
    .api_refused_mark = R"("error":{)",
};

constexpr target centrifugo_target = [] {
  auto t = argosy_target;
  t.name = "centrifugo";
  t.has_capnp = false;
  return t;
}();

// Nchan: the location in the URL is the room; a message is the frame. `nchan_pubsub` serves both
// ways.
constexpr text_protocol nchan_text{
    .opcode = ws_opcode::text,
    .connect = "",
    .subscribe = "",
    .confirm = "",
    .welcome_mark = "",
    .refused_mark = "",
    .heartbeat = "",
    .heartbeat_reply = "",
    .publish = "{payload}",
};

constexpr target nchan_target{
    .name = "nchan",
    .path = "/ws/{room}",
    .text = &nchan_text,
    .api_path = "/pub/{room}",
    .api_body = "{payload}",
};

// NATS: its client protocol inside binary frames.
constexpr text_protocol nats_text{
    .opcode = ws_opcode::binary,
    .connect = "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\",\"version\":\"1\","
               "\"protocol\":1}\r\n",
    .subscribe = "SUB {room} 1\r\n",
    .confirm = "PING\r\n",
    .welcome_mark = "PONG\r\n",
    .refused_mark = "-ERR",
    .heartbeat = "PING\r\n",
    .heartbeat_reply = "PONG\r\n",
    .publish = "PUB {room} {size}\r\n{payload}\r\n",
};

constexpr target nats_target{.name = "nats", .path = "/", .text = &nats_text};

// What the socket layer costs without actors: a node's endpoint for conformance tests.
constexpr text_protocol echo_text = [] {
  auto t = nchan_text;
  t.opcode = ws_opcode::binary;
  return t;
}();

constexpr target echo_target{.name = "echo", .path = "/echo", .text = &echo_text};

constexpr std::array targets{&argosy_target, &centrifugo_target, &nchan_target, &nats_target,
                             &echo_target};

} // namespace

const target* find_target(std::string_view name) noexcept {
  for (const auto* candidate : targets)
    if (candidate->name == name)
      return candidate;
  return nullptr;
}

std::string target_names() {
  std::string out;
  for (const auto* candidate : targets)
    out.append(out.empty() ? "" : ", ").append(candidate->name);
  return out;
}

std::string expand(std::string_view text, substitutions values) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out.append(text.substr(0, open));
    if (open == std::string_view::npos)
      break;
    text.remove_prefix(open);
    std::string_view replacement;
    std::size_t used = 0;
    for (const auto& [name, value] : values)
      if (text.size() > name.size() + 1 && text[name.size() + 1] == '}'
          && text.substr(1, name.size()) == name) {
        replacement = value;
        used = name.size() + 2;
      }
    if (used == 0) {
      replacement = text.substr(0, 1);
      used = 1;
    }
    out.append(replacement);
    text.remove_prefix(used);
  }
  return out;
}

} // namespace argosy::bench
