// shell_desk: a line that came over the admin socket, answered with a line.
#pragma once

#include "actors/admin/shell_syntax.hpp"
#include "actors/node_services.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace argosy {

/// `line` is `{"command":"room","arguments":{"name":"lobby"},"within_ms":2000}`; the answer is that
/// of shell_answer.hpp. `respond` is called once, from any thread, unless the node stops first.
void answer_shell(const node_services& services, std::string_view line,
                  std::function<void(std::string)> respond);

/// The line for a command; `within_ms` 0 = the node's own deadline.
std::string shell_line(const shell_request& request, std::uint32_t within_ms);

} // namespace argosy
