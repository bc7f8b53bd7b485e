// The JSON side of key_set: RFC 7517 documents become keys.
#include "runtime/auth/base64url.hpp"
#include "runtime/auth/key_set.hpp"

#include <simdjson.h>

#include <optional>
#include <string>
#include <utility>

namespace argosy::auth {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string_view text(const object& from, std::string_view name) {
  std::string_view out;
  if (from.at_key(name).get(out) != simdjson::SUCCESS)
    return {};
  return out;
}

std::string bytes(const object& from, std::string_view name) {
  return base64url_decode(text(from, name)).value_or(std::string{});
}

/// Nothing for a key that is not ours to use.
std::optional<outcome<key>> make_key(const object& jwk) {
  const auto kty = text(jwk, "kty");
  const auto curve = text(jwk, "crv");
  if (const auto use = text(jwk, "use"); !use.empty() && use != "sig")
    return std::nullopt;
  if (kty == "RSA")
    return key::from_rsa(bytes(jwk, "n"), bytes(jwk, "e"));
  if (kty == "EC" && curve == "P-256")
    return key::from_ec(key_kind::ec_p256, bytes(jwk, "x"), bytes(jwk, "y"));
  if (kty == "EC" && curve == "P-384")
    return key::from_ec(key_kind::ec_p384, bytes(jwk, "x"), bytes(jwk, "y"));
  if (kty == "OKP" && curve == "Ed25519")
    return key::from_ed25519(bytes(jwk, "x"));
  return std::nullopt;
}

refusal broken(const std::string& sentence) {
  return {errc::invalid_token, "not a JSON Web Key Set: " + sentence};
}

} // namespace

outcome<std::size_t> key_set::add_jwks(std::string_view document) {
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  element root;
  if (parser.parse(document.data(), document.size()).get(root) != simdjson::SUCCESS)
    return broken("not JSON");
  if (root["keys"].get(list) != simdjson::SUCCESS)
    return broken("it has no list `keys`");
  std::size_t added = 0;
  for (const auto item : list) {
    object jwk;
    if (item.get(jwk) != simdjson::SUCCESS)
      return broken("a key is not an object");
    const auto alg_name = text(jwk, "alg");
    const auto alg = algorithm_named(alg_name);
    if (!alg_name.empty() && !alg)
      continue; // PS256, RSA-OAEP and the like
    auto made = make_key(jwk);
    if (!made || !*made)
      continue;
    auto k = std::move(**made).with_id(std::string{text(jwk, "kid")});
    if (!add(alg ? std::move(k).only_for(*alg) : std::move(k)))
      return broken("more than " + std::to_string(keys_max) + " keys");
    ++added;
  }
  if (added == 0)
    return broken("it has no key for signatures (RSA, EC P-256 or P-384, Ed25519)");
  return added;
}

} // namespace argosy::auth
