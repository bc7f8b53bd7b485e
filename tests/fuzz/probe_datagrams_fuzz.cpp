// libFuzzer target: what comes to the cluster's address as a datagram.
#include "net/cluster/probe_seal.hpp"
#include "tests/fuzz/promise.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argosy::net;
  static const probe_seal seal{"thirty-two bytes of a secret ....", "demo"};
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  probe_words heard;
  if (seal.read(bytes, heard) != probe_flaw::none)
    return 0;
  std::array<char, probe_bytes_max> again{};
  argosy::test::promise(std::string_view{again.data(), seal.write(heard, again)} == bytes,
                        "there is one way to say a thing");
  return 0;
}
