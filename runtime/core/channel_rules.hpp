// channel_rules: may this client do that in this channel? Pure answers, no state.
//
// Three keys open a door: the namespace's `allow_*` options, the rights in the connection token
// (`caps`), and a subscription token for exactly this channel. Insecure mode opens all of them. The
// server API never asks here. Called by the connection before a command leaves for the room.
#pragma once

#include "runtime/core/channel_options.hpp"
#include "runtime/core/errc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy {

/// A right is one bit, so that a set of them is one byte.
enum class right : std::uint8_t { subscribe = 1, publish = 2, presence = 4, history = 8 };

inline constexpr std::uint8_t all_rights = 15;

/// The right called `name` ("subscribe" or "sub", "publish" or "pub", "presence" or "prs",
/// "history" or "hst", "*" = all), as bits; 0 when there is no such right.
std::uint8_t parse_right(std::string_view name) noexcept;

/// What a token's `caps` grant: any row whose pattern matches the channel and whose bits hold the
/// right is enough.
struct rights {
  struct grant {
    std::string pattern; ///< exact, or with `*` for any run of bytes: `chat:*`
    std::uint8_t bits = 0;
    friend bool operator==(const grant&, const grant&) = default;
  };
  std::vector<grant> grants;

  bool allow(std::string_view channel, right r) const noexcept;
  friend bool operator==(const rights&, const rights&) = default;
};

/// `*` stands for any run of bytes, also the empty one; all else is literal. Linear for one `*`,
/// never worse than pattern x text.
bool matches(std::string_view pattern, std::string_view text) noexcept;

/// Who asks. Everything in it comes from the token, never from what a client sends.
struct asker {
  std::string_view user;        ///< "" = anonymous
  const rights* caps = nullptr; ///< null = the token grants nothing
  bool insecure = false;        ///< client insecure mode: all doors are open
};

/// Each returns errc::none, or errc::permission_denied, or errc::not_available when the channel
/// has no history or no presence. `options` are those of `namespaces::resolve(channel)`.
///
/// A personal room (`user:42`), or a user-limited one (`dialog#42,43`), is open to the users it
/// names without further options, and to others with a subscription token; `caps` never let anybody
/// in or read there, so that a generous `*` does not open every inbox.
[[nodiscard]] errc may_subscribe(const channel_options& options, std::string_view channel,
                                 const asker& who, bool has_subscription_token) noexcept;
[[nodiscard]] errc may_publish(const channel_options& options, std::string_view channel,
                               const asker& who, bool is_subscribed) noexcept;
[[nodiscard]] errc may_history(const channel_options& options, std::string_view channel,
                               const asker& who, bool is_subscribed) noexcept;
[[nodiscard]] errc may_presence(const channel_options& options, std::string_view channel,
                                const asker& who, bool is_subscribed) noexcept;

/// The user a personal room belongs to (`42` of `user:42`), or "" when it is not a personal room.
std::string_view personal_room_owner(const channel_options& options,
                                     std::string_view channel) noexcept;

} // namespace argosy
