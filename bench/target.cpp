#include "bench/target.hpp"

#include <array>

namespace argosy::bench {

namespace {

// The Centrifuge protocol in JSON (docs/protocol.md): Argosy and Centrifugo differ in the API
// header only.
constexpr target argosy_target{
    .name = "argosy",
    .path = "/connection/websocket",
    .opcode = ws_opcode::text,
    .connect = R"({"id":1,"connect":{"token":"{token}","name":"bench"}})",
    .connected_mark = R"("connect":{)",
    .subscribe = "\n"
                 R"({"id":2,"subscribe":{"channel":"{room}"}})",
    .ready_mark = R"("subscribe":{)",
    .refused_mark = R"("error":{)",
    .heartbeat = "{}",
    .heartbeat_reply = "{}",
    .publish = R"({"id":{id},"publish":{"channel":"{room}","data":{payload}}})",
    .published_mark = R"("publish":{)",
    .api_path = "/api/publish",
    .api_header = "X-API-Key: {key}\r\n",
    .api_body = R"({"channel":"{room}","data":{payload}})",
};

constexpr target centrifugo_target = [] {
  auto t = argosy_target;
  t.name = "centrifugo";
  return t;
}();

// Nchan: the location in the URL is the room; a message is the frame. `nchan_pubsub` serves both
// ways.
constexpr target nchan_target{
    .name = "nchan",
    .path = "/ws/{room}",
    .opcode = ws_opcode::text,
    .connect = "",
    .connected_mark = "",
    .subscribe = "",
    .ready_mark = "",
    .refused_mark = "",
    .heartbeat = "",
    .heartbeat_reply = "",
    .publish = "{payload}",
    .published_mark = "",
    .api_path = "/pub/{room}",
    .api_header = "",
    .api_body = "{payload}",
};

// NATS: its client protocol inside binary frames. There is no acknowledgement of a publish.
constexpr target nats_target{
    .name = "nats",
    .path = "/",
    .opcode = ws_opcode::binary,
    .connect = "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\",\"version\":\"1\","
               "\"protocol\":1}\r\nPING\r\n",
    .connected_mark = "PONG\r\n",
    .subscribe = "SUB {room} 1\r\nPING\r\n",
    .ready_mark = "PONG\r\nPONG\r\n",
    .refused_mark = "-ERR",
    .heartbeat = "PING\r\n",
    .heartbeat_reply = "PONG\r\n",
    .publish = "PUB {room} {size}\r\n{payload}\r\n",
    .published_mark = "",
    .api_path = "",
    .api_header = "",
    .api_body = "",
};

constexpr std::array targets{&argosy_target, &centrifugo_target, &nchan_target, &nats_target};

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
