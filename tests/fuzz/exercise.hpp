// exercise: feeds bytes to a dialect and holds it to its promises, whatever the bytes are.
//
// Used by the fuzz targets and by the seeded mutation tests. A broken promise ends the process with
// a sentence, so that a fuzzer, a sanitizer and a test all see it.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/protocol/dialect.hpp"

#include <string_view>

namespace argosy::test {

/// Decodes `bytes`. Promised: the answer is none or closed_bad_request; every view can be read;
/// what was published can go out again in both dialects, as one line of JSON and as a whole Cap'n
/// Proto message.
errc exercise(const dialect& d, std::string_view bytes, bool binary);

} // namespace argosy::test
