// target: what is particular about a server under test, as data.
//
// Where its clients go, and how its HTTP API takes a publication. Argosy and Centrifugo speak the
// Centrifuge protocol, for which the C++ client has the words (speech.hpp); what is said to Nchan
// and NATS stands here as text. So every server is driven by the same client code and the same
// counters, and a comparison compares servers only.
#pragma once

#include "bench/ws_scanner.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace argosy::bench {

/// Encodings of the Centrifuge protocol.
enum class dialect : std::uint8_t { json, capnp };

/// A protocol of text in frames. Templates may name {room}, {payload} and {size} (of the payload).
struct text_protocol {
  ws_opcode opcode;              ///< of client frames
  std::string_view connect;      ///< begins the first client frame
  std::string_view subscribe;    ///< follows for clients that join a room
  std::string_view confirm;      ///< ends it: asks for `welcome_mark`
  std::string_view welcome_mark; ///< text in the answer that means "all of that is done"
  std::string_view refused_mark; ///< text in the answer that means "no"
  std::string_view heartbeat;    ///< opens the message that the server sends to see who is alive
  std::string_view heartbeat_reply;
  std::string_view publish; ///< client frame that publishes; it has no answer
};

/// Templates may name {room}, {key} and {payload}.
struct target {
  std::string_view name;
  std::string_view path;                  ///< of the upgrade request
  bool has_capnp = false;                 ///< speaks the Cap'n Proto dialect, too
  const text_protocol* text = nullptr;    ///< null: the Centrifuge protocol
  std::string_view api_path = {};         ///< POST here to publish; empty: no HTTP API
  std::string_view api_header = {};       ///< one header line, or empty
  std::string_view api_body = {};         ///< of the request
  std::string_view api_refused_mark = {}; ///< text in the answer that means "no"

  /// Whether what one client publishes reaches others.
  bool has_rooms() const noexcept { return name != "echo"; }

  /// Whether a client has to say something before it is one.
  bool has_introduction() const noexcept { return text == nullptr || !text->connect.empty(); }
};

/// Null when there is no such server. `names()` lists them for messages.
const target* find_target(std::string_view name) noexcept;
std::string target_names();

using substitutions = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// `text` with every `{name}` that `values` names replaced. Unknown names stay as they are.
std::string expand(std::string_view text, substitutions values);

} // namespace argosy::bench
