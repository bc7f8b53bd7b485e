// session_verb: what the server API may do to the sessions of a user.
#pragma once

#include <cstdint>

namespace argosy {

enum class session_verb : std::uint8_t { disconnect, subscribe, unsubscribe, refresh };

} // namespace argosy
