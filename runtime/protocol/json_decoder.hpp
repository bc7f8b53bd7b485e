// json_decoder: one text message of the Centrifuge JSON protocol, turned into commands.
//
// Rules where the protocol leaves room:
// - Lines are split at '\n'. One line end after the last command is tolerated, no other empty line.
// - Of duplicate keys the last wins; a second method in one command is an error.
// - `null` stands for an absent member, as in the Go server.
// - Members nobody knows are ignored, but they must be valid JSON.
// - `data` is captured byte for byte, carriage returns between tokens becoming spaces.
#pragma once

#include "runtime/protocol/dialect.hpp"

#include <string_view>

namespace argosy {

/// Delivers the commands of `message` to `sink` in order. errc::closed_bad_request at the first
/// line that is not the protocol; errc::none otherwise, also when the sink stopped early. Views in
/// the commands live until the next command is decoded on this thread.
[[nodiscard]] errc decode_json(std::string_view message, command_sink& sink);

} // namespace argosy
