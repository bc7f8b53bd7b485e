// algorithm: the signature algorithms of RFC 7518 and RFC 8037 that we take, and the key each
// needs.
//
// A token names its algorithm, and tokens are written by strangers. So a key has one kind, fixed
// when it is loaded, and an algorithm is refused unless it fits: a public key is never used as an
// HMAC secret, and `none` is not in the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace argosy::auth {

enum class key_kind : std::uint8_t { secret, rsa, ec_p256, ec_p384, ed25519 };

enum class algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  es256,
  es384,
  eddsa
};

struct algorithm_info {
  algorithm alg;
  std::string_view name; ///< as in a token's header
  key_kind kind;
  const char* digest;          ///< OpenSSL's name; null for EdDSA, which brings its own
  std::size_t coordinate_size; ///< of an EC signature's r and s; else 0
};

const algorithm_info& info(algorithm alg) noexcept;
std::optional<algorithm> algorithm_named(std::string_view name) noexcept;

/// What `argosy token` signs with when it is given a key of that kind.
algorithm default_algorithm(key_kind kind) noexcept;

} // namespace argosy::auth
