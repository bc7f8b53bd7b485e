// libFuzzer target: binary messages of the Cap'n Proto dialect.

#include "tests/fuzz/exercise.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  argosy::test::exercise(argosy::capnp_dialect(), {reinterpret_cast<const char*>(data), size},
                         true);
  return 0;
}
