// Strangers' bytes against everything here that reads: seeded, so that a failure can be repeated.
#include "runtime/auth/claims_reader.hpp"
#include "runtime/auth/mint.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "runtime/config/dump.hpp"
#include "runtime/config/load.hpp"
#include "tests/unit/cfg/test_keys.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>

using namespace argosy;
using namespace argosy::auth;

namespace {

constexpr int rounds = 4'000;

/// One to eight small wounds: a byte changed, doubled, lost, or a piece copied elsewhere.
std::string wounded(std::string text, std::mt19937& dice) {
  const auto at = [&] { return text.empty() ? 0 : dice() % text.size(); };
  constexpr std::string_view odd = "{}[]\",:\\0e-.=\n\xff\x80";
  for (auto wounds = 1 + dice() % 8; wounds > 0; --wounds) {
    switch (dice() % 5) {
    case 0:
      if (!text.empty())
        text[at()] = static_cast<char>(dice());
      break;
    case 1:
      text.insert(at(), 1, odd[dice() % odd.size()]);
      break;
    case 2:
      if (!text.empty())
        text.erase(at(), 1 + dice() % 4);
      break;
    case 3:
      text.insert(at(), text.substr(at(), dice() % 32));
      break;
    default:
      text.resize(at());
      break;
    }
  }
  return text;
}

bool is_answer_to_token(errc e) {
  return e == errc::none || e == errc::invalid_token || e == errc::token_expired;
}

constexpr const char* full_payload =
    R"({"sub":"42","exp":1700000060.9,"nbf":1,"aud":["web","app"],"tenant":"acme",)"
    R"("info":{"name":"Ann","tags":[1,null,1e9]},"channels":["news"],)"
    R"("subs":{"chat:a":{"info":{},"override":{"presence":{"value":true}}}},)"
    R"("caps":[{"channels":["chat:*"],"allow":["sub","history"]}]})";

} // namespace

TEST_CASE("hostile: a payload that is signed but wild gets an answer") {
  std::mt19937 dice{1};
  const auto secret = *key::from_secret("s");
  auto keys = std::make_shared<key_set>();
  keys->add(secret);
  const token_verifier verifier{{}, std::move(keys)};
  for (int i = 0; i < rounds; ++i) {
    CAPTURE(i);
    const auto token = *mint(wounded(full_payload, dice), secret);
    const auto claims = verifier.verify_connection(token, 1'700'000'000);
    REQUIRE(is_answer_to_token(claims.error()));
    REQUIRE(is_answer_to_token(verifier.verify_subscription(token, 1'700'000'000).error()));
    if (claims) {
      REQUIRE(claims->info.find('\n') == std::string::npos);
      const auto again = verifier.verify_connection(*mint(to_json(*claims), secret), 1'700'000'000);
      REQUIRE(is_answer_to_token(again.error()));
    } else {
      REQUIRE_FALSE(claims.why().sentence.empty());
    }
  }
}

TEST_CASE("hostile: a wounded token never opens") {
  std::mt19937 dice{2};
  const auto secret = *key::from_secret("s");
  auto keys = std::make_shared<key_set>();
  keys->add(secret);
  const token_verifier verifier{{}, std::move(keys)};
  const auto token = *mint(full_payload, secret);
  for (int i = 0; i < rounds; ++i) {
    CAPTURE(i);
    const auto bad = wounded(token, dice);
    if (bad != token)
      REQUIRE(verifier.verify_connection(bad, 1'700'000'000).error() == errc::invalid_token);
  }
}

TEST_CASE("hostile: wild headers and key sets get an answer") {
  std::mt19937 dice{3};
  for (int i = 0; i < rounds; ++i) {
    CAPTURE(i);
    const auto header = read_header(wounded(R"({"alg":"ES256","kid":"k1","typ":"JWT"})", dice));
    REQUIRE(is_answer_to_token(header.error()));
    key_set keys;
    const auto added = keys.add_jwks(wounded(rfc7515::a3_jwks, dice));
    REQUIRE(keys.size() == (added ? *added : 0));
  }
}

TEST_CASE("hostile: a wild configuration is problems or a configuration") {
  std::mt19937 dice{4};
  auto text = config::dump(node_config{});
  text = text.substr(text.find("[client]"), 3'000)
         + "\n[[namespace]]\nname = \"chat\"\nhistory_size = 1\nhistory_ttl_ms = 1\n";
  for (int i = 0; i < rounds / 4; ++i) {
    CAPTURE(i);
    const auto got = config::parse(wounded(text, dice), "wild.toml");
    for (const auto& sentence : got.problems) {
      CAPTURE(sentence);
      REQUIRE(sentence.starts_with("wild.toml"));
      REQUIRE((sentence.ends_with('.') || sentence.ends_with('?')));
    }
  }
}
