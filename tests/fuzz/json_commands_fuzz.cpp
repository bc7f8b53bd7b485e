// libFuzzer target: text messages of the JSON dialect.

#include "tests/fuzz/exercise.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  argosy::test::exercise(argosy::json_dialect(), {reinterpret_cast<const char*>(data), size},
                         false);
  return 0;
}
