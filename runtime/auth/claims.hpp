// claims: what a verified token says about its bearer.
#pragma once

#include "runtime/core/channel_rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace argosy::auth {

/// A server-side subscription that the token asks for (`subs`), with what it overrides.
struct subscription_grant {
  std::string channel;
  std::string info; ///< raw JSON, becomes the subscription's `chan_info`; "" = none
  std::string data; ///< raw JSON for the client's subscribe event; "" = none
  std::optional<bool> presence;
  std::optional<bool> join_leave;
  std::optional<bool> force_push_join_leave;
  std::optional<bool> force_recovery;
  std::optional<bool> force_positioning;
};

/// Times are Unix seconds, 0 = not said. Raw JSON is one line.
struct connection_claims {
  std::string tenant = "default";
  std::string user; ///< `sub`; "" = anonymous
  std::int64_t expires_at = 0;
  std::int64_t not_before = 0;
  std::int64_t issued_at = 0;
  std::string token_id; ///< `jti`
  std::vector<std::string> audience;
  std::string issuer;
  std::string info;                  ///< raw JSON, becomes `conn_info`
  std::string meta;                  ///< raw JSON for backends, never sent to clients
  std::vector<std::string> channels; ///< server-side subscriptions without overrides
  std::vector<subscription_grant> subs;
  rights caps;
};

struct subscription_claims {
  std::string tenant = "default";
  std::string user; ///< must be the connection's
  std::string channel;
  std::int64_t expires_at = 0; ///< of the subscription
  std::string token_id;
  std::string info; ///< raw JSON, becomes `chan_info`
};

} // namespace argosy::auth
