// libFuzzer target: a whole token from a stranger, against keys whose tokens everybody has seen.
#include "runtime/auth/base64url.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "tests/fuzz/promise.hpp"
#include "tests/unit/cfg/rfc_vectors.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace {

using namespace argosy;
using namespace argosy::auth;
using argosy::test::promise;

constexpr std::int64_t now_s = 1'300'819'000; // before the tokens of RFC 7515 expire

std::shared_ptr<const key_set> known_keys() {
  auto keys = std::make_shared<key_set>();
  keys->add(*key::from_secret(*base64url_decode(rfc7515::a1_key)));
  promise(static_cast<bool>(keys->add_jwks(rfc7515::a2_jwks)), "the RSA key is read");
  promise(static_cast<bool>(keys->add_jwks(rfc7515::a3_jwks)), "the EC key is read");
  return keys;
}

/// What has been signed, without the signature: that of an EC key has two forms.
bool is_genuine(std::string_view token) {
  for (const std::string_view known : {rfc7515::a1_token, rfc7515::a2_token, rfc7515::a3_token})
    if (token.starts_with(known.substr(0, known.rfind('.') + 1)))
      return true;
  return false;
}

template <class Claims>
void check(std::string_view token, const outcome<Claims>& got) {
  if (got)
    return promise(is_genuine(token), "nobody forges a token");
  promise(got.error() == errc::invalid_token || got.error() == errc::token_expired,
          "a token is refused as invalid or expired");
  promise(!got.why().sentence.empty(), "a refusal says why");
  promise(got.why().sentence.find('\n') == std::string_view::npos, "a refusal is one line");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const token_verifier verifier{{}, known_keys()};
  const std::string_view token{reinterpret_cast<const char*>(data), size};
  check(token, verifier.verify_connection(token, now_s));
  check(token, verifier.verify_subscription(token, now_s));
  return 0;
}
