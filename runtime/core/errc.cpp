#include "runtime/core/errc.hpp"

#include <array>
#include <cstddef>

namespace argosy {

namespace {

constexpr std::array<error_info, static_cast<std::size_t>(errc::count_)> table{{
    {errc::none, "no error", 0, false, 0},
    {errc::internal, "internal server error", 100, true, 3004},
    {errc::unauthorized, "unauthorized", 101, false, 0},
    {errc::unknown_channel, "unknown channel", 102, false, 0},
    {errc::permission_denied, "permission denied", 103, false, 0},
    {errc::method_not_found, "method not found", 104, false, 0},
    {errc::already_subscribed, "already subscribed", 105, false, 0},
    {errc::limit_exceeded, "limit exceeded", 106, false, 0},
    {errc::bad_request, "bad request", 107, false, 0},
    {errc::unknown_class, "the class of a publication is event or latest", 107, false, 0},
    {errc::not_available, "not available", 108, false, 0},
    {errc::token_expired, "token expired", 109, false, 0},
    {errc::expired, "expired", 110, false, 0},
    {errc::too_many_requests, "too many requests", 111, true, 0},
    {errc::unrecoverable_position, "unrecoverable position", 112, false, 0},
    {errc::retry_later, "not available right now, retry", 100, true, 0},
    {errc::closed_normal, "connection closed", 0, false, 3000},
    {errc::shutdown, "shutdown", 0, false, 3001},
    {errc::connection_expired, "connection expired", 0, false, 3005},
    {errc::subscription_expired, "subscription expired", 0, false, 3006},
    {errc::slow_consumer, "slow", 0, false, 3008},
    {errc::write_error, "write error", 0, false, 3009},
    {errc::insufficient_state, "insufficient state", 0, false, 3010},
    {errc::force_reconnect, "force reconnect", 0, false, 3011},
    {errc::no_pong, "no pong", 0, false, 3012},
    {errc::closed_too_many_requests, "too many requests", 0, false, 3013},
    {errc::invalid_token, "invalid token", 0, false, 3500},
    {errc::closed_bad_request, "bad request", 0, false, 3501},
    {errc::stale, "stale", 0, false, 3502},
    {errc::force_no_reconnect, "force disconnect", 0, false, 3503},
    {errc::connection_limit, "connection limit", 0, false, 3504},
    {errc::channel_limit, "channel limit", 0, false, 3505},
    {errc::closed_permission_denied, "permission denied", 0, false, 3507},
    {errc::closed_not_available, "not available", 0, false, 3508},
    {errc::too_many_errors, "too many errors", 0, false, 3509},
}};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].error) != i)
      return false;
  return true;
}
static_assert(rows_stand_in_order());

} // namespace

const error_info& info(errc e) noexcept {
  return table[static_cast<std::size_t>(e) < table.size() ? static_cast<std::size_t>(e) : 1];
}

errc from_close_code(std::uint16_t code) noexcept {
  for (const auto& row : table)
    if (code != 0 && row.close_code == code)
      return row.error;
  return errc::none;
}

} // namespace argosy
