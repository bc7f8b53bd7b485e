// The set of keys: selection by kid, rotation, JSON Web Key Sets.
#include "runtime/auth/mint.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "tests/unit/cfg/test_keys.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace argosy;
using namespace argosy::auth;
using namespace argosy::test_keys;

TEST_CASE("keys: a kid selects its key, and a rotation lets the old one go") {
  const auto old_key = secret("old-old-old-old-old-old-old-old-");
  const auto new_key = secret("new-new-new-new-new-new-new-new-");
  const auto by_old = *mint(R"({"sub":"1"})", old_key, algorithm::hs256, "k1");
  const auto by_new = *mint(R"({"sub":"1"})", new_key, algorithm::hs256, "k2");
  const auto liar = *mint(R"({"sub":"1"})", new_key, algorithm::hs256, "k1");
  token_verifier verifier{{}, set_of(key{old_key}.with_id("k1"))};
  CHECK(verifier.verify_connection(by_old, now));
  CHECK(verifier.verify_connection(by_new, now).error() == errc::invalid_token);

  verifier.replace_keys(set_of(key{old_key}.with_id("k1"), key{new_key}.with_id("k2")));
  CHECK(verifier.verify_connection(by_old, now));
  CHECK(verifier.verify_connection(by_new, now));
  CHECK(verifier.verify_connection(liar, now).error() == errc::invalid_token);
  CHECK(verifier.verify_connection(signed_with(new_key, "{}"), now)); // no kid: all are tried

  verifier.replace_keys(set_of(key{new_key}.with_id("k2")));
  CHECK(verifier.verify_connection(by_old, now).error() == errc::invalid_token);
  CHECK(verifier.verify_connection(by_new, now));
}

TEST_CASE("keys: an unknown kid asks for the keys, and the client may come again") {
  token_verifier verifier{{}, set_of(key{secret()}.with_id("k1"))};
  bool on_its_way = true;
  int asked = 0;
  verifier.on_unknown_key([&](std::string_view key_id) {
    CHECK(key_id == "k2");
    ++asked;
    return on_its_way;
  });
  const auto token = *mint("{}", secret(), algorithm::hs256, "k2");
  CHECK(verifier.verify_connection(token, now).error() == errc::retry_later);
  on_its_way = false;
  CHECK(verifier.verify_connection(token, now).error() == errc::invalid_token);
  CHECK(asked == 2);
  const auto forged_token = *mint("{}", secret("x"), algorithm::hs256, "k1");
  CHECK(verifier.verify_connection(forged_token, now).error() == errc::invalid_token);
  CHECK(asked == 2);
}

TEST_CASE("jwks: odd keys are passed over, a set without a usable key is refused") {
  key_set keys;
  const auto added = keys.add_jwks(R"({"keys":[
    {"kty":"oct","k":"AAAA","kid":"shared"},
    {"kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"},
    {"kty":"RSA","alg":"PS256","n":"AQAB","e":"AQAB"},
    {"kty":"RSA","kid":"weak","n":"AQAB","e":"AQAB"},
    {"kty":"EC","crv":"P-521","x":"AA","y":"AA"},
    {"kty":"EC","crv":"P-256","x":"AA","y":"AA"},
    {"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
     "y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    {"kty":"OKP","crv":"Ed25519","kid":"good","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  REQUIRE(added);
  CHECK(*added == 1);
  for (const auto* bad : {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})",
                          R"({"keys":[1]})", R"({"keys":[{"kty":"oct","k":"AAAA"}]})"}) {
    CAPTURE(bad);
    key_set none;
    CHECK_FALSE(none.add_jwks(bad));
  }
}

TEST_CASE("jwks: `alg` binds a key to one algorithm") {
  const auto jwks = [](const char* alg) {
    std::string text{rfc7515::a2_jwks};
    return text.replace(text.find("\"kty\""), 0, std::string{"\"alg\":\""} + alg + "\",");
  };
  const token_verifier same{{}, set_of_jwks(jwks("RS256"))};
  CHECK(same.verify_connection(rfc7515::a2_token, 1));
  const token_verifier other{{}, set_of_jwks(jwks("RS512"))};
  CHECK(other.verify_connection(rfc7515::a2_token, 1).error() == errc::invalid_token);
}

TEST_CASE("keys: what is no key says so in a sentence") {
  CHECK(key::from_secret("").why().sentence == "the secret is empty");
  CHECK_FALSE(key::from_public_pem("hello"));
  CHECK_FALSE(key::from_public_pem(pem::rsa().private_key));
  CHECK_FALSE(key::from_private_pem(pem::rsa().public_key));
  CHECK(key::from_public_pem(pem::generate("RSA", std::size_t{1'024}).public_key).why().sentence
        == "an RSA key of fewer than 2048 bits");
  const auto public_only = *key::from_public_pem(pem::p256().public_key);
  CHECK_FALSE(mint("{}", public_only));
  key_set full;
  for (std::size_t i = 0; i < key_set::keys_max; ++i)
    CHECK(full.add(secret()));
  CHECK_FALSE(full.add(secret()));
}
