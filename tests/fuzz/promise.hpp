// promise: what a fuzz target holds the code to. A broken one ends the process with a sentence, so
// that a fuzzer, a sanitizer and a test all see it.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace argosy::test {

inline void promise(bool kept, const char* what) {
  if (kept)
    return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

} // namespace argosy::test
