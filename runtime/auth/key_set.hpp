// key_set: the keys that tokens are checked with at one moment. Immutable once it is shared; a
// rotation makes a new set and swaps it in.
#pragma once

#include "runtime/auth/key.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::auth {

class key_set {
public:
  /// More keys than that are refused: a token without a `kid` is tried with each.
  static constexpr std::size_t keys_max = 64;

  /// False when the set is full.
  bool add(key k);

  /// Adds the keys of a JSON Web Key Set (RFC 7517): RSA, EC on P-256 and P-384, Ed25519. Keys that
  /// are of other kinds, for encryption, secret (`oct`), weak or broken are passed over, as section
  /// 5 asks, so that one odd key does not shut out the users of the others. A set without a single
  /// usable key is a refusal. Returns how many were added.
  outcome<std::size_t> add_jwks(std::string_view document);

  enum class match { good, bad_signature, no_such_key };

  /// A `kid` that names a key selects that key. Keys without an id serve tokens whose `kid` names
  /// none, and tokens without one are tried with all keys of the algorithm's kind.
  match verify(algorithm alg, std::string_view kid, std::string_view input,
               std::string_view signature) const;

  std::size_t size() const noexcept { return keys_.size(); }

private:
  std::vector<key> keys_;
};

} // namespace argosy::auth
