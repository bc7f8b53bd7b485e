// libFuzzer target: a JSON Web Key Set, and what its keys make of signatures nobody made.
#include "runtime/auth/key_set.hpp"
#include "tests/fuzz/promise.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argosy::auth;
  using argosy::test::promise;
  key_set keys;
  const auto added = keys.add_jwks({reinterpret_cast<const char*>(data), size});
  promise(keys.size() == (added ? *added : 0), "a refused document adds nothing");
  promise(keys.size() <= key_set::keys_max, "a key set is bounded");
  if (!added) {
    promise(!added.why().sentence.empty(), "a refusal says why");
    return 0;
  }
  promise(*added > 0, "a set without a usable key is refused");
  for (const auto alg : {algorithm::hs256, algorithm::rs256, algorithm::rs512, algorithm::es256,
                         algorithm::es384, algorithm::eddsa})
    for (const std::size_t length : {0, 1, 64, 96, 256})
      for (const char filler : {'\0', '\1', '\xff'})
        promise(keys.verify(alg, {}, "header.payload", std::string(length, filler))
                    != key_set::match::good,
                "no key takes a made-up signature");
  return 0;
}
