// identity: who a connect command proves to be; from the token, or by the client's word in insecure
// mode.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/auth/claims.hpp"
#include "runtime/core/channel_rules.hpp"
#include "runtime/protocol/command.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace argosy {

struct identity {
  std::string tenant = "default";
  std::string user;
  std::string conn_info;       ///< raw JSON or ""
  std::int64_t expires_at = 0; ///< Unix seconds, 0 = never
  std::shared_ptr<const rights> caps;
  std::vector<auth::subscription_grant> subs; ///< server-side subscriptions
};

/// What a subscription token grants.
struct channel_grant {
  std::string chan_info;
  std::int64_t expires_at = 0;
};

/// errc::token_expired lets the client fetch another token; errc::invalid_token ends the connection
/// for good; errc::internal is "not now" (a key set is being fetched).
std::variant<identity, errc> identify(const node_services& node, const connect_command& c,
                                      std::int64_t now_s);

/// The new expiry from a refresh token, which must be of the same user and tenant.
std::variant<identity, errc> identify_refresh(const node_services& node, std::string_view token,
                                              std::int64_t now_s);

/// Checks that the token is for this tenant, user and channel.
std::variant<channel_grant, errc> verify_grant(const node_services& node, std::string_view token,
                                               std::string_view tenant, std::string_view user,
                                               std::string_view channel, std::int64_t now_s);

} // namespace argosy
