#include "actors/connection/identity.hpp"

#include "runtime/auth/token_verifier.hpp"
#include "runtime/json/raw_members.hpp"

#include <utility>

namespace argosy {

namespace {

/// Insecure mode: `connect.data` may name the user and what others see of him, `{"user": …, "info":
/// …}`.
identity by_own_word(const connect_command& c) {
  identity who;
  if (c.data.empty())
    return who;
  for (const auto& [name, text] : raw_members(c.data).value_or(std::vector<raw_member>{}))
    if (name == "user")
      who.user = json_string(text).value_or(std::string{});
    else if (name == "info")
      who.conn_info = minified(text);
  return who;
}

identity from_claims(auth::connection_claims&& claims) {
  identity who;
  who.tenant = std::move(claims.tenant);
  who.user = std::move(claims.user);
  who.conn_info = std::move(claims.info);
  who.expires_at = claims.expires_at;
  if (!claims.caps.grants.empty())
    who.caps = std::make_shared<const rights>(std::move(claims.caps));
  who.subs = std::move(claims.subs);
  for (auto& channel : claims.channels) {
    auth::subscription_grant plain;
    plain.channel = std::move(channel);
    who.subs.push_back(std::move(plain));
  }
  return who;
}

} // namespace

std::variant<identity, errc> identify(const node_services& node, const connect_command& c,
                                      std::int64_t now_s) {
  if (!c.token.empty()) {
    auto claims = node.tokens->verify_connection(c.token, now_s);
    if (!claims) // a key that is being fetched: not now, but not never
      return claims.error() == errc::retry_later ? errc::internal : claims.error();
    return from_claims(*std::move(claims));
  }
  if (node.limits.insecure)
    return by_own_word(c);
  if (node.limits.anonymous)
    return identity{};
  return errc::invalid_token;
}

std::variant<identity, errc> identify_refresh(const node_services& node, std::string_view token,
                                              std::int64_t now_s) {
  auto claims = node.tokens->verify_connection(token, now_s);
  if (!claims)
    return claims.error();
  return from_claims(*std::move(claims));
}

std::variant<channel_grant, errc> verify_grant(const node_services& node, std::string_view token,
                                               std::string_view tenant, std::string_view user,
                                               std::string_view channel, std::int64_t now_s) {
  auto claims = node.tokens->verify_subscription(token, now_s);
  if (!claims)
    return claims.error() == errc::invalid_token ? errc::permission_denied : claims.error();
  if (claims->tenant != tenant || claims->user != user || claims->channel != channel)
    return errc::permission_denied;
  return channel_grant{std::move(claims->info), claims->expires_at};
}

} // namespace argosy
