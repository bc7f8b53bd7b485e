// deflated_twin: gives an encoded frame its compressed form, where that is worth it.
#pragma once

#include "runtime/core/frame.hpp"

namespace argosy {

/// `f` with a compressed twin, or `f` itself when it is too short to gain.
frame with_deflated_twin(frame f);

} // namespace argosy
