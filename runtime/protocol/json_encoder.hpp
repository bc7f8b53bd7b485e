// json_encoder: replies and pushes as the Centrifuge JSON protocol writes them.
//
// Members that say nothing are left out, exactly where the Go server leaves them out: the key of
// the method, `user` and `client` of an info, `presence`, `num_clients`, `num_users` and the three
// members of a history are always there.
//
// Payloads are JSON already and go out as they are, but never unchecked: a payload that came from a
// binary dialect or a custom room may be anything. Line breaks between tokens become spaces; a
// publication that is not JSON is written as `"b64data":"<base64>"` instead of `data` (stock SDKs
// see no data), any other payload that is not JSON as a JSON string.
#pragma once

#include "runtime/protocol/command.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace argosy {

/// Appends the reply to command `id`.
void encode_json_reply(std::uint32_t id, const reply_body& body, std::string& out);

/// Appends a push for `channel` ("" for none).
void encode_json_push(std::string_view channel, const push_body& body, bool with_offset,
                      std::string& out);

} // namespace argosy
