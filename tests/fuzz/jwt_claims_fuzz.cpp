// libFuzzer target: header (the first line) and payload of a token whose signature is good.
#include "runtime/auth/base64url.hpp"
#include "runtime/auth/mint.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "tests/fuzz/promise.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace argosy;
using namespace argosy::auth;
using argosy::test::promise;

constexpr std::int64_t now_s = 1'700'000'000;

const key& secret() {
  static const auto made = *key::from_secret("0123456789abcdef0123456789abcdef");
  return made;
}

const token_verifier& verifier() {
  static const auto made = [] {
    auto keys = std::make_shared<key_set>();
    keys->add(secret());
    return std::make_unique<token_verifier>(token_rules{}, std::move(keys));
  }();
  return *made;
}

std::string signed_token(std::string_view header, std::string_view payload) {
  auto token = base64url_encode(header) + '.' + base64url_encode(payload);
  const auto signature = secret().sign(algorithm::hs256, token);
  return (token += '.') += base64url_encode(*signature);
}

bool over(std::int64_t expires_at) {
  return expires_at != 0 && expires_at <= now_s;
}

/// What the claims say survives being written and read again.
template <class Claims, class Verify>
void check(const outcome<Claims>& got, Verify verify) {
  if (!got) {
    promise(got.error() == errc::invalid_token || got.error() == errc::token_expired,
            "a token is refused as invalid or expired");
    promise(!got.why().sentence.empty(), "a refusal says why");
    return;
  }
  promise(got->user.size() <= 255, "a user's name is bounded");
  promise(!got->tenant.empty() && got->tenant.find('/') == std::string::npos,
          "a tenant fits an address");
  promise(got->info.find('\n') == std::string::npos, "info is one line");
  const auto written = to_json(*got);
  const auto token = *mint(written, secret());
  if (over(got->expires_at) || token.size() > token_verifier::token_bytes_max)
    return;
  const auto again = verify(token);
  promise(static_cast<bool>(again), "claims can be minted again");
  promise(to_json(*again) == written, "claims survive a round trip");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto line = input.find('\n');
  if (line == std::string_view::npos)
    return 0;
  const auto token = signed_token(input.substr(0, line), input.substr(line + 1));
  const auto connection = [](const std::string& t) {
    return verifier().verify_connection(t, now_s);
  };
  const auto subscription = [](const std::string& t) {
    return verifier().verify_subscription(t, now_s);
  };
  const auto in = connection(token);
  const auto to = subscription(token);
  promise(!(in && to), "a token opens a connection or a channel, not both");
  check(in, connection);
  check(to, subscription);
  return 0;
}
