// errc: every way in which a client, a token or a request can be wrong, in one closed table.
//
// Each error has a text for people, the client protocol's error code, whether a retry may help,
// and, where the error ends the connection, the WebSocket close code. A test walks the table.
#pragma once

#include <cstdint>
#include <string_view>

namespace argosy {

enum class errc : std::uint8_t {
  none = 0,
  // answers to a command (client protocol error codes 100-112)
  internal,
  unauthorized,
  unknown_channel,
  permission_denied,
  method_not_found,
  already_subscribed,
  limit_exceeded,
  bad_request,
  unknown_class, ///< a bad request, too
  not_available,
  token_expired,
  expired,
  too_many_requests,
  unrecoverable_position,
  retry_later, ///< the owner is moving or overloaded; temporary
  // ends of a connection (close codes 3000-3999)
  closed_normal,
  shutdown,
  connection_expired,
  subscription_expired,
  slow_consumer,
  write_error,
  insufficient_state,
  force_reconnect,
  no_pong,
  closed_too_many_requests,
  invalid_token,
  closed_bad_request,
  stale,
  force_no_reconnect,
  connection_limit,
  channel_limit,
  closed_permission_denied,
  closed_not_available,
  too_many_errors,
  count_ ///< not an error: the size of the table
};

struct error_info {
  errc error;
  std::string_view text;
  std::uint16_t client_code; ///< `error.code` of a reply; 0 when it never answers a command
  bool temporary;            ///< the client may retry the same command
  std::uint16_t close_code;  ///< 0 when it does not end the connection
};

/// The row of `e`. Total: every enumerator has a row.
const error_info& info(errc e) noexcept;

/// The error whose close code this is, or errc::none.
errc from_close_code(std::uint16_t code) noexcept;

/// True if published client SDKs come back after this close code (all but 3500-3999, 4500-4999 and
/// 1009).
constexpr bool client_reconnects(std::uint16_t close_code) noexcept {
  return !((close_code >= 3500 && close_code <= 3999) || (close_code >= 4500 && close_code <= 4999)
           || close_code == 1009);
}

} // namespace argosy
