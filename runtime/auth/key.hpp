// key: one key that signs or checks tokens; its kind is fixed when it is loaded.
#pragma once

#include "runtime/auth/algorithm.hpp"
#include "runtime/auth/outcome.hpp"

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::auth {

/// Immutable and cheap to copy: the OpenSSL object is shared. Used by many threads at once.
class key {
public:
  /// An HMAC secret of at least one byte.
  static outcome<key> from_secret(std::string secret);

  /// A PEM text. Public: SubjectPublicKeyInfo or a certificate. Private: PKCS#8 or the traditional
  /// forms. RSA of 2048 bits or more (RFC 7518 section 3.3), EC on P-256 or P-384, Ed25519.
  static outcome<key> from_public_pem(std::string_view pem);
  static outcome<key> from_private_pem(std::string_view pem);

  /// The numbers of a JSON Web Key (RFC 7518 section 6, RFC 8037), as raw big-endian bytes.
  static outcome<key> from_rsa(std::string_view modulus, std::string_view exponent);
  static outcome<key> from_ec(key_kind curve, std::string_view x, std::string_view y);
  static outcome<key> from_ed25519(std::string_view x);

  key_kind kind() const noexcept { return kind_; }

  /// The `kid` that tokens select it by; "" = any token of its kind may use it.
  const std::string& id() const noexcept { return id_; }
  key with_id(std::string id) &&;

  /// Only this algorithm, when the key set says so.
  key only_for(algorithm alg) &&;

  /// True if `signature` is that of `input` under this key. False too when `alg` does not fit the
  /// key. Secrets are compared in constant time.
  bool verify(algorithm alg, std::string_view input, std::string_view signature) const;

  /// The signature in JOSE form. Needs a secret or a private key whose kind fits.
  outcome<std::string> sign(algorithm alg, std::string_view input) const;

private:
  explicit key(key_kind kind) : kind_(kind) {}
  static outcome<key> adopt(EVP_PKEY* pkey);

  key_kind kind_;
  std::optional<algorithm> only_;
  std::string id_;
  std::string secret_;
  std::shared_ptr<EVP_PKEY> pkey_;
};

} // namespace argosy::auth
