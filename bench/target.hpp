// target: how to talk to a server under test, as text templates.
//
// Everything that differs between Argosy, Centrifugo, Nchan and NATS is data here: what a client
// says after its upgrade, how one knows that it is subscribed, how one publishes. So every server
// is driven by the same client code and the same counters, and a comparison compares servers only.
#pragma once

#include "bench/ws_scanner.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy::bench {

/// Templates may name {room}, {user}, {token}, {key}, {payload}, {size} (of the payload) and {id}.
struct target {
  std::string_view name;
  std::string_view path;           ///< of the upgrade request
  ws_opcode opcode;                ///< of client frames
  std::string_view connect;        ///< first client frame
  std::string_view connected_mark; ///< text in the answer that means "authenticated"
  std::string_view subscribe;      ///< appended to `connect` by clients that join a room
  std::string_view ready_mark;     ///< text in the answer that means "subscribed"; empty: at once
  std::string_view refused_mark;   ///< text in the answer that means "no"
  std::string_view heartbeat;      ///< payload that the server sends to see who is alive
  std::string_view heartbeat_reply;
  std::string_view publish;        ///< client frame that publishes
  std::string_view published_mark; ///< in its answer; empty: there is none
  std::string_view api_path;       ///< POST here to publish; empty: no HTTP API
  std::string_view api_header;     ///< one header line, or empty
  std::string_view api_body;
};

/// Null when there is no such server. `names()` lists them for messages.
const target* find_target(std::string_view name) noexcept;
std::string target_names();

using substitutions = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// `text` with every `{name}` that `values` names replaced. Unknown names stay as they are.
std::string expand(std::string_view text, substitutions values);

} // namespace argosy::bench
