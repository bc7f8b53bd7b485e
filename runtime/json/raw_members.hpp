// raw_members: one JSON object or list, taken apart without changing a byte of its values.
//
// Picture a customs officer who sorts letters by what stands on the envelope and opens none: 1.10
// stays 1.10, a 23-digit integer is no error. Whoever wants to know more of a value reads its text.
// Only valid JSON is taken apart (is_json); called for tokens and the server API, not for what
// clients publish.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy {

using raw_member = std::pair<std::string, std::string>; ///< name, JSON text of the value

/// In the order of the text, a name as often as it stands there. Nothing unless `json` is one valid
/// object.
std::optional<std::vector<raw_member>> raw_members(std::string_view json);

/// The JSON texts of a list's elements. Nothing unless `json` is one valid list.
std::optional<std::vector<std::string>> raw_elements(std::string_view json);

/// The string that the JSON text `token` is; nothing if it is no string.
std::optional<std::string> json_string(std::string_view token);

/// The same value without white space between its tokens, so on one line. `json` must be valid.
std::string minified(std::string_view json);

} // namespace argosy
