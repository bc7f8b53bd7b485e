#include "runtime/auth/base64url.hpp"
#include "runtime/auth/mint.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "tests/unit/cfg/test_keys.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace argosy;
using namespace argosy::auth;
using namespace argosy::test_keys;

namespace {

/// A token whose header is whatever a stranger writes.
std::string forged(std::string_view header, std::string_view payload, const key& k,
                   algorithm alg = algorithm::hs256) {
  auto token = base64url_encode(header) + '.' + base64url_encode(payload);
  const auto signature = k.sign(alg, token);
  return token + '.' + base64url_encode(*signature);
}

errc connect_error(std::string_view payload, token_rules rules = {}) {
  const token_verifier verifier{std::move(rules), set_of(secret())};
  return verifier.verify_connection(signed_with(secret(), payload), now).error();
}

} // namespace

TEST_CASE("base64url: strict both ways") {
  CHECK(base64url_encode("") == "");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64url_encode("foobar") == "Zm9vYmFy");
  CHECK(base64url_encode("\xfb\xff") == "-_8");
  CHECK(base64url_decode("Zm9vYg") == "foob");
  for (const auto* bad : {"Z", "Zg==", "Zh", "Z g", "-_9", "+/8", "Zm9\n"})
    CHECK_FALSE_MESSAGE(base64url_decode(bad), bad);
}

TEST_CASE("jws: the examples of RFC 7515 appendix A.1 to A.3") {
  const std::int64_t then = 1'300'819'379;
  const auto check = [&](std::shared_ptr<const key_set> keys, const std::string& token) {
    const token_verifier verifier{{}, std::move(keys)};
    const auto claims = verifier.verify_connection(token, then);
    REQUIRE(claims);
    CHECK(claims->issuer == "joe");
    CHECK(claims->user == "");
    CHECK(claims->expires_at == then + 1);
    CHECK(verifier.verify_connection(token, then + 1).error() == errc::token_expired);
  };
  check(set_of(*key::from_secret(*base64url_decode(rfc7515::a1_key))), rfc7515::a1_token);
  check(set_of_jwks(rfc7515::a2_jwks), rfc7515::a2_token);
  check(set_of_jwks(rfc7515::a3_jwks), rfc7515::a3_token);
}

TEST_CASE("jws: the example of RFC 8037 appendix A.4") {
  const auto k = key::from_ed25519(*base64url_decode(rfc8037::x));
  REQUIRE(k);
  const auto signature = *base64url_decode(rfc8037::signature);
  CHECK(k->verify(algorithm::eddsa, rfc8037::input, signature));
  CHECK_FALSE(k->verify(algorithm::eddsa, std::string{rfc8037::input} + "x", signature));
}

TEST_CASE("tokens: every algorithm signs and verifies, and fits its own kind of key only") {
  const std::vector<std::pair<key, key>> pairs{{secret(), secret()},
                                               {*key::from_private_pem(pem::rsa().private_key),
                                                *key::from_public_pem(pem::rsa().public_key)},
                                               {*key::from_private_pem(pem::p256().private_key),
                                                *key::from_public_pem(pem::p256().public_key)},
                                               {*key::from_private_pem(pem::p384().private_key),
                                                *key::from_public_pem(pem::p384().public_key)},
                                               {*key::from_private_pem(pem::ed25519().private_key),
                                                *key::from_public_pem(pem::ed25519().public_key)}};
  int fitting = 0;
  for (const auto& [signer, checker] : pairs)
    for (int i = 0; i <= static_cast<int>(algorithm::eddsa); ++i) {
      const auto alg = static_cast<algorithm>(i);
      CAPTURE(info(alg).name);
      const auto token = mint(R"({"sub":"42"})", signer, alg);
      CHECK(bool(token) == (info(alg).kind == signer.kind()));
      if (!token)
        continue;
      ++fitting;
      for (const auto& [other_signer, other] : pairs) {
        const token_verifier verifier{{}, set_of(other)};
        CHECK(bool(verifier.verify_connection(*token, now)) == (other.kind() == checker.kind()));
      }
    }
  CHECK(fitting == 9);
}

TEST_CASE("tokens: a public key is not an HMAC secret, and `none` is no algorithm") {
  const token_verifier verifier{{}, set_of(*key::from_public_pem(pem::rsa().public_key))};
  const auto confused =
      forged(R"({"alg":"HS256"})", R"({"sub":"root"})", secret(pem::rsa().public_key));
  CHECK(verifier.verify_connection(confused, now).error() == errc::invalid_token);
  const token_verifier by_secret{{}, set_of(secret())};
  for (const auto* header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"hs256"})", R"({"alg":""})", R"({})",
        R"({"alg":1})", R"([])", R"("x")", R"({"alg":"HS256","crit":["exp"]})",
        R"({"alg":"PS256"})", R"({"alg":"RS256"})", R"({"alg":"HS384"})",
        R"({"alg":"HS256","kid":1})"}) {
    CAPTURE(header);
    CHECK(by_secret.verify_connection(forged(header, R"({"sub":"root"})", secret()), now).error()
          == errc::invalid_token);
  }
  const auto unsigned_token =
      base64url_encode(R"({"alg":"none"})") + '.' + base64url_encode(R"({"sub":"root"})") + '.';
  CHECK(by_secret.verify_connection(unsigned_token, now).error() == errc::invalid_token);
}

TEST_CASE("tokens: cut anywhere, or with any byte changed, a token is refused") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto token = signed_with(secret(), R"({"sub":"42","info":{"name":"Ann"}})");
  REQUIRE(verifier.verify_connection(token, now));
  for (std::size_t i = 0; i < token.size(); ++i) {
    CAPTURE(i);
    CHECK(verifier.verify_connection(token.substr(0, i), now).error() == errc::invalid_token);
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(verifier.verify_connection(changed, now).error() == errc::invalid_token);
  }
  CHECK(verifier.verify_connection(token + "A", now).error() == errc::invalid_token);
  CHECK(verifier.verify_connection(token + ".", now).error() == errc::invalid_token);
  CHECK(verifier.verify_connection("", now).error() == errc::invalid_token);
}

TEST_CASE("tokens: an oversized one is refused before anything is read") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto big = signed_with(secret(), R"({"sub":")" + std::string(8'192, 'x') + R"("})");
  const auto answer = verifier.verify_connection(big, now);
  REQUIRE_FALSE(answer);
  CHECK(answer.why().sentence == "the token is longer than 8192 bytes");
}

TEST_CASE("tokens: all claims of a connection arrive") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto claims = verifier.verify_connection(signed_with(secret(), R"({
        "sub": "42", "exp": 1700000060.9, "nbf": 1700000000, "iat": 1699999999, "jti": "t1",
        "aud": ["web", "app"], "iss": "shop", "tenant": "acme",
        "info": {"name": "Ann",
                 "tags": [1, null]},
        "meta": {"plan": "pro"},
        "channels": ["news"],
        "subs": {"chat:lobby": {"info": {"role": "host"}, "data": {"hello": 1},
                                "override": {"force_recovery": {"value": true},
                                             "presence": {"value": false}}},
                 "game:1": {}},
        "caps": [{"channels": ["chat:*", "game:*"], "allow": ["sub", "history"]},
                 {"channels": ["news"], "allow": ["*"]}],
        "unknown": {"is": "ignored"}})"),
                                                 now);
  REQUIRE(claims);
  CHECK(claims->user == "42");
  CHECK(claims->tenant == "acme");
  CHECK(claims->expires_at == 1'700'000'060);
  CHECK(claims->not_before == now);
  CHECK(claims->issued_at == now - 1);
  CHECK(claims->token_id == "t1");
  CHECK(claims->audience == std::vector<std::string>{"web", "app"});
  CHECK(claims->issuer == "shop");
  CHECK(claims->info == R"({"name":"Ann","tags":[1,null]})");
  CHECK(claims->meta == R"({"plan":"pro"})");
  CHECK(claims->channels == std::vector<std::string>{"news"});
  REQUIRE(claims->subs.size() == 2);
  CHECK(claims->subs[0].channel == "chat:lobby");
  CHECK(claims->subs[0].info == R"({"role":"host"})");
  CHECK(claims->subs[0].data == R"({"hello":1})");
  CHECK(claims->subs[0].force_recovery == true);
  CHECK(claims->subs[0].presence == false);
  CHECK_FALSE(claims->subs[0].join_leave.has_value());
  CHECK(claims->caps.allow("chat:lobby", right::subscribe));
  CHECK(claims->caps.allow("game:1", right::history));
  CHECK_FALSE(claims->caps.allow("chat:lobby", right::publish));
  CHECK(claims->caps.allow("news", right::publish));
}

// Read into numbers and written again, 1.10 became 1.1, and the long one made the token invalid.
TEST_CASE("tokens: what others see is the text that the application signed") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto claims = verifier.verify_connection(signed_with(secret(), R"({"sub":"42",
        "info": {"price": 1.10, "id": 12345678901234567890123, "n": "\u00e9 \/"},
        "subs": {"a": {"info": -0.0, "data": [1e2, 1E+2]}},
        "meta": 1e400, "unknown": 98765432109876543210})"),
                                                 now);
  REQUIRE(claims);
  CHECK(claims->info == R"({"price":1.10,"id":12345678901234567890123,"n":"\u00e9 \/"})");
  CHECK(claims->meta == "1e400");
  REQUIRE(claims->subs.size() == 1);
  CHECK(claims->subs[0].info == "-0.0");
  CHECK(claims->subs[0].data == "[1e2,1E+2]");
}

TEST_CASE("tokens: a time is a number, whole or not, and not too far") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto error_of = [&](const char* exp) {
    const auto token = signed_with(secret(), std::string{R"({"sub":"42","exp":)"} + exp + "}");
    return verifier.verify_connection(token, now).error();
  };
  for (const auto* good : {"1700000001", "1700000001.5", "1.7000000015e9"})
    CHECK(error_of(good) == errc::none);
  for (const auto* bad : {"\"1700000001\"", "-1", "1e16", "1e999", "true", "[1700000001]"})
    CHECK(error_of(bad) == errc::invalid_token);
}

TEST_CASE("tokens: what is minted reads back the same") {
  connection_claims c;
  c.user = "a \"b\"";
  c.tenant = "acme";
  c.expires_at = now + 60;
  c.info = R"({"n":1})";
  c.channels = {"x", "y"};
  auto& grant = c.subs.emplace_back();
  grant.channel = "s";
  grant.data = "[1]";
  grant.force_recovery = true;
  c.caps = {{{"chat:*", 3}, {"*", all_rights}}};
  const token_verifier verifier{{}, set_of(secret())};
  const auto back = verifier.verify_connection(signed_with(secret(), to_json(c)), now);
  REQUIRE(back);
  CHECK(to_json(*back) == to_json(c));
  CHECK(back->caps == c.caps);

  const subscription_claims s{"acme", "42", "$private", now + 60, "t", R"({"n":1})"};
  const auto sub = verifier.verify_subscription(signed_with(secret(), to_json(s)), now);
  REQUIRE(sub);
  CHECK(to_json(*sub) == to_json(s));
}

TEST_CASE("tokens: without sub and exp: anonymous, for ever, of the default tenant") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto claims = verifier.verify_connection(signed_with(secret(), "{}"), now);
  REQUIRE(claims);
  CHECK(claims->user == "");
  CHECK(claims->tenant == "default");
  CHECK(claims->expires_at == 0);
}

TEST_CASE("tokens: time, audience and issuer are checked, and only expiry is called expired") {
  struct row {
    const char* payload;
    token_rules rules;
    errc error;
  };
  for (const auto& r :
       std::vector<row>{{R"({"exp":1700000001})", {}, errc::none},
                        {R"({"exp":1700000000})", {}, errc::token_expired},
                        {R"({"exp":1})", {}, errc::token_expired},
                        {R"({"nbf":1700000000})", {}, errc::none},
                        {R"({"nbf":1700000001})", {}, errc::invalid_token},
                        {R"({"aud":"web"})", {"web", ""}, errc::none},
                        {R"({"aud":["app","web"]})", {"web", ""}, errc::none},
                        {R"({"aud":"app"})", {"web", ""}, errc::invalid_token},
                        {R"({})", {"web", ""}, errc::invalid_token},
                        {R"({"iss":"shop"})", {"", "shop"}, errc::none},
                        {R"({"iss":"shopp"})", {"", "shop"}, errc::invalid_token},
                        {R"({})", {"", "shop"}, errc::invalid_token},
                        {R"({"iss":"other","exp":1})", {"", "shop"}, errc::invalid_token}}) {
    CAPTURE(r.payload);
    CHECK(connect_error(r.payload, r.rules) == r.error);
  }
}

TEST_CASE("tokens: `expire_at` moves the end of the connection, not that of the token") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto claims = verifier.verify_connection(
      signed_with(secret(), R"({"exp":1700000010,"expire_at":1700009999})"), now);
  REQUIRE(claims);
  CHECK(claims->expires_at == 1'700'009'999);
}

TEST_CASE("tokens: a claim of the wrong type is refused, never guessed") {
  for (const auto* payload : {R"([])",
                              R"("x")",
                              R"({)",
                              R"({"sub":42})",
                              R"({"exp":"soon"})",
                              R"({"exp":-1})",
                              R"({"exp":1e300})",
                              R"({"nbf":{}})",
                              R"({"aud":1})",
                              R"({"aud":[1]})",
                              R"({"channels":"a"})",
                              R"({"channels":[1]})",
                              R"({"subs":[]})",
                              R"({"subs":{"a":1}})",
                              R"({"subs":{"a":{"override":1}}})",
                              R"({"subs":{"a":{"override":{"presence":{"value":1}}}}})",
                              R"({"caps":{}})",
                              R"({"caps":[{"channels":"a","allow":["sub"]}]})",
                              R"({"caps":[{"channels":["a"],"allow":["root"]}]})",
                              R"({"tenant":""})",
                              R"({"tenant":"a/b"})",
                              R"({"tenant":1})",
                              R"({"channel":"a"})"}) {
    CAPTURE(payload);
    CHECK(connect_error(payload) == errc::invalid_token);
  }
  CHECK(connect_error(R"({"sub":")" + std::string(256, 'x') + R"("})") == errc::invalid_token);
  CHECK(connect_error(R"({"sub":"x","exp":null,"info":null})") == errc::none);
}

TEST_CASE("tokens: a deeply nested payload is an error, not a crash") {
  const std::string deep = R"({"info":)" + std::string(2'500, '[') + std::string(2'500, ']') + "}";
  CHECK(connect_error(deep) == errc::invalid_token);
}

TEST_CASE("tokens: the two kinds do not stand in for each other") {
  const token_verifier verifier{{}, set_of(secret())};
  const auto sub = signed_with(secret(), R"({"sub":"42","channel":"$a"})");
  CHECK(verifier.verify_subscription(sub, now)->channel == "$a");
  CHECK(verifier.verify_connection(sub, now).error() == errc::invalid_token);
  const auto connection = signed_with(secret(), R"({"sub":"42"})");
  CHECK(verifier.verify_subscription(connection, now).error() == errc::invalid_token);
  const auto late = signed_with(secret(), R"({"sub":"42","channel":"$a","exp":1})");
  CHECK(verifier.verify_subscription(late, now).error() == errc::token_expired);
}
