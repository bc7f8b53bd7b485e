// json_text: is this text one JSON value? A strict RFC 8259 check that builds nothing.
//
// Payloads pass through a server untouched, byte for byte: integers beyond 64 bits and exact
// decimals survive. The price is that a bad payload would break the frames of every other client in
// the room, so each one is walked before it is let in and again before it goes out. No allocation;
// recursion is bounded by the depth.
#pragma once

#include <string_view>

namespace argosy {

/// Deepest nesting of arrays and objects in a payload: enough for people, too little to exhaust a
/// client's parser.
inline constexpr int json_depth_max = 32;

/// True if `text` is one JSON value, with white space around it at most, nested at most
/// json_depth_max deep. Bytes at 0x80 and above inside strings are taken as they are: the caller
/// has checked, or checks, that they are UTF-8. An escaped lone surrogate is valid by the grammar.
[[nodiscard]] bool is_json_grammar(std::string_view text) noexcept;

/// As is_json_grammar, and the text is UTF-8.
[[nodiscard]] bool is_json(std::string_view text) noexcept;

} // namespace argosy
