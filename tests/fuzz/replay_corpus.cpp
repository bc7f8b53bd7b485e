// replay_corpus: runs a fuzz target over its corpus, as a plain test. Linked with one target each.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

TEST_CASE("fuzz corpus: every input keeps the target's promises") {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator{ARGOSY_FUZZ_CORPUS}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
    CHECK_MESSAGE(
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())
            == 0,
        entry.path().filename().string());
    ++inputs;
  }
  CHECK(inputs > 0);
}
