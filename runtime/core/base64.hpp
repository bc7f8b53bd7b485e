// base64: RFC 4648 section 4, decoding only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace argosy {

/// Nothing if `text` is not padded base64.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace argosy
