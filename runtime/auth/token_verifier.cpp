#include "runtime/auth/token_verifier.hpp"

#include "runtime/auth/base64url.hpp"
#include "runtime/auth/claims_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace argosy::auth {

namespace {

refusal bad(const char* sentence) {
  return {errc::invalid_token, sentence};
}

/// Why the claims do not hold now, if they do not.
std::optional<refusal> check(const token_rules& rules, const common_claims& c, std::int64_t now_s) {
  if (c.not_before > now_s)
    return bad("the token is not valid yet (nbf)");
  if (!rules.issuer.empty() && c.issuer != rules.issuer)
    return bad("the token is from another issuer (iss)");
  if (!rules.audience.empty()
      && std::find(c.audience.begin(), c.audience.end(), rules.audience) == c.audience.end())
    return bad("the token is for another audience (aud)");
  if (c.expiry != 0 && c.expiry <= now_s)
    return refusal{errc::token_expired, "the token has expired (exp)"};
  return std::nullopt;
}

} // namespace

token_verifier::token_verifier(token_rules rules, std::shared_ptr<const key_set> keys)
    : rules_(std::move(rules)),
      keys_(keys != nullptr ? std::move(keys) : std::make_shared<const key_set>()) {
}

void token_verifier::replace_keys(std::shared_ptr<const key_set> keys) {
  const std::lock_guard guard{mutex_};
  keys_ = std::move(keys);
}

std::shared_ptr<const key_set> token_verifier::keys() const {
  const std::lock_guard guard{mutex_};
  return keys_;
}

void token_verifier::on_unknown_key(std::function<bool(std::string_view)> ask) {
  ask_ = std::move(ask);
}

/// Splits the compact form (RFC 7515 section 7.1), checks the signature, returns the payload.
outcome<std::string> token_verifier::open(std::string_view token) const {
  if (token.size() > token_bytes_max)
    return bad("the token is longer than 8192 bytes");
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last)
    return bad("the token is not three parts with dots between them");
  const auto header_json = base64url_decode(token.substr(0, first));
  auto payload = base64url_decode(token.substr(first + 1, last - first - 1));
  const auto signature = base64url_decode(token.substr(last + 1));
  if (!header_json || !payload || !signature)
    return bad("the token is not base64url (RFC 7515)");
  const auto header = read_header(*header_json);
  if (!header)
    return header.why();
  switch (keys()->verify(header->alg, header->kid, token.substr(0, last), *signature)) {
  case key_set::match::good:
    return std::move(*payload);
  case key_set::match::bad_signature:
    return bad("the token's signature is not of a key we know");
  case key_set::match::no_such_key:
    break;
  }
  if (ask_ && !header->kid.empty() && ask_(header->kid))
    return refusal{errc::retry_later,
                   "the token's key is not known yet; the key set is being read"};
  return bad("there is no key for the token's algorithm and key id");
}

outcome<connection_claims> token_verifier::verify_connection(std::string_view token,
                                                             std::int64_t now_s) const {
  const auto payload = open(token);
  if (!payload)
    return payload.why();
  connection_claims out;
  auto common = read_claims(*payload, &out);
  if (!common)
    return common.why();
  if (!common->channel.empty())
    return bad("a subscription token (it has a channel) does not open a connection");
  if (auto why = check(rules_, *common, now_s))
    return std::move(*why);
  out.tenant = std::move(common->tenant);
  out.user = std::move(common->user);
  out.expires_at = common->expires_at;
  out.not_before = common->not_before;
  out.issued_at = common->issued_at;
  out.token_id = std::move(common->token_id);
  out.audience = std::move(common->audience);
  out.issuer = std::move(common->issuer);
  out.info = std::move(common->info);
  return out;
}

outcome<subscription_claims> token_verifier::verify_subscription(std::string_view token,
                                                                 std::int64_t now_s) const {
  const auto payload = open(token);
  if (!payload)
    return payload.why();
  auto common = read_claims(*payload, nullptr);
  if (!common)
    return common.why();
  if (common->channel.empty())
    return bad("a subscription token needs a channel");
  if (auto why = check(rules_, *common, now_s))
    return std::move(*why);
  return subscription_claims{std::move(common->tenant),   std::move(common->user),
                             std::move(common->channel),  common->expires_at,
                             std::move(common->token_id), std::move(common->info)};
}

} // namespace argosy::auth
