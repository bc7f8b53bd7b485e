// test_keys: fresh key pairs, and sets of keys, for the tests of tokens.
#pragma once

#include "runtime/auth/key_set.hpp"
#include "runtime/auth/mint.hpp"
#include "runtime/auth/openssl_handle.hpp"
#include "tests/unit/cfg/rfc_vectors.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace argosy::pem {

struct pair {
  std::string private_key;
  std::string public_key;
};

template <class Write>
std::string written(Write write) {
  const auth::bio_handle out{BIO_new(BIO_s_mem())};
  write(out.get());
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

inline std::string text_of(EVP_PKEY* pkey, bool with_private_key) {
  return written([&](BIO* out) {
    if (with_private_key)
      PEM_write_bio_PrivateKey(out, pkey, nullptr, nullptr, 0, nullptr, nullptr);
    else
      PEM_write_bio_PUBKEY(out, pkey);
  });
}

/// A fresh key pair; the arguments are those of EVP_PKEY_Q_keygen.
template <class... Parameters>
pair generate(const char* type, Parameters... parameters) {
  const auth::pkey_handle pkey{EVP_PKEY_Q_keygen(nullptr, nullptr, type, parameters...)};
  return {text_of(pkey.get(), true), text_of(pkey.get(), false)};
}

inline const pair& rsa() {
  static const auto made = generate("RSA", std::size_t{2'048});
  return made;
}
inline const pair& p256() {
  static const auto made = generate("EC", "P-256");
  return made;
}
inline const pair& p384() {
  static const auto made = generate("EC", "P-384");
  return made;
}
inline const pair& ed25519() {
  static const auto made = generate("ED25519");
  return made;
}

} // namespace argosy::pem

namespace argosy::test_keys {

using auth::key;
using auth::key_set;

inline constexpr std::int64_t now = 1'700'000'000;

inline key secret(std::string text = "0123456789abcdef0123456789abcdef") {
  return *key::from_secret(std::move(text));
}

template <class... Keys>
std::shared_ptr<const key_set> set_of(Keys... keys) {
  auto out = std::make_shared<key_set>();
  (out->add(std::move(keys)), ...);
  return out;
}

inline std::shared_ptr<const key_set> set_of_jwks(std::string_view jwks) {
  auto out = std::make_shared<key_set>();
  REQUIRE(out->add_jwks(jwks));
  return out;
}

inline std::string signed_with(const key& k, std::string_view payload) {
  return *auth::mint(payload, k);
}

} // namespace argosy::test_keys
