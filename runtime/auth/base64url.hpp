// base64url: RFC 4648 section 5 without padding, as JOSE wants it (RFC 7515 section 2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace argosy::auth {

std::string base64url_encode(std::string_view bytes);

/// Strict: no padding, no white space, no stray bits after the last byte, so that a signature has
/// one spelling only.
std::optional<std::string> base64url_decode(std::string_view text);

} // namespace argosy::auth
