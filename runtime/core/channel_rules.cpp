#include "runtime/core/channel_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace argosy {

namespace {

struct right_name {
  std::string_view name;
  std::uint8_t bits;
};

constexpr std::array<right_name, 9> right_names{{
    {"subscribe", static_cast<std::uint8_t>(right::subscribe)},
    {"sub", static_cast<std::uint8_t>(right::subscribe)},
    {"publish", static_cast<std::uint8_t>(right::publish)},
    {"pub", static_cast<std::uint8_t>(right::publish)},
    {"presence", static_cast<std::uint8_t>(right::presence)},
    {"prs", static_cast<std::uint8_t>(right::presence)},
    {"history", static_cast<std::uint8_t>(right::history)},
    {"hst", static_cast<std::uint8_t>(right::history)},
    {"*", all_rights},
}};

/// The three `allow_*` options of one right.
struct door {
  bool for_client;
  bool for_subscriber;
  bool for_anonymous;
};

bool opens(const door& d, const asker& who, bool is_subscribed) noexcept {
  if (who.user.empty() && !d.for_anonymous)
    return false;
  return d.for_client || (d.for_subscriber && is_subscribed);
}

bool granted(const asker& who, std::string_view channel, right r) noexcept {
  return who.caps != nullptr && who.caps->allow(channel, r);
}

/// `dialog#42,43` names the users it is for.
bool is_named_in(std::string_view channel, std::string_view user) noexcept {
  auto names = channel.substr(channel.rfind('#') + 1);
  for (;;) {
    const auto comma = names.find(',');
    if (names.substr(0, comma) == user)
      return true;
    if (comma == std::string_view::npos)
      return false;
    names.remove_prefix(comma + 1);
  }
}

bool is_user_limited(const channel_options& options, std::string_view channel) noexcept {
  return options.allow_user_limited_channels && channel.find('#') != std::string_view::npos;
}

/// Rooms whose name says whom they are for; the `for_client` options and caps do not reach there.
bool is_reserved(const channel_options& options, std::string_view channel) noexcept {
  return !options.personal_prefix.empty() || is_user_limited(options, channel);
}

bool is_reserved_for(const channel_options& options, std::string_view channel,
                     std::string_view user) noexcept {
  if (user.empty())
    return false;
  if (!options.personal_prefix.empty())
    return personal_room_owner(options, channel) == user;
  return is_user_limited(options, channel) && is_named_in(channel, user);
}

bool may_read(const channel_options& options, std::string_view channel, const asker& who,
              bool is_subscribed, const door& d, right r) noexcept {
  if (who.insecure || is_reserved_for(options, channel, who.user))
    return true;
  if (is_reserved(options, channel)) // a guest, let in by a subscription token
    return opens({false, d.for_subscriber, d.for_anonymous}, who, is_subscribed);
  return opens(d, who, is_subscribed) || granted(who, channel, r);
}

} // namespace

std::uint8_t parse_right(std::string_view name) noexcept {
  const auto found = std::find_if(right_names.begin(), right_names.end(),
                                  [name](const right_name& r) { return r.name == name; });
  return found == right_names.end() ? std::uint8_t{0} : found->bits;
}

bool rights::allow(std::string_view channel, right r) const noexcept {
  return std::any_of(grants.begin(), grants.end(), [&](const grant& g) {
    return (g.bits & static_cast<std::uint8_t>(r)) != 0 && matches(g.pattern, channel);
  });
}

bool matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos; // the last `*`, and what it has swallowed up to
  std::size_t swallowed = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      swallowed = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++swallowed;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string_view personal_room_owner(const channel_options& options,
                                     std::string_view channel) noexcept {
  if (options.personal_prefix.empty() || !channel.starts_with(options.personal_prefix))
    return {};
  return channel.substr(options.personal_prefix.size());
}

errc may_subscribe(const channel_options& options, std::string_view channel, const asker& who,
                   bool has_subscription_token) noexcept {
  if (has_subscription_token || who.insecure)
    return errc::none;
  if (is_private_channel(channel))
    return errc::permission_denied;
  if (is_reserved(options, channel))
    return is_reserved_for(options, channel, who.user) ? errc::none : errc::permission_denied;
  const door d{options.allow_subscribe_for_client, false, options.allow_subscribe_for_anonymous};
  return opens(d, who, false) || granted(who, channel, right::subscribe) ? errc::none
                                                                         : errc::permission_denied;
}

errc may_publish(const channel_options& options, std::string_view channel, const asker& who,
                 bool is_subscribed) noexcept {
  const door d{options.allow_publish_for_client, options.allow_publish_for_subscriber,
               options.allow_publish_for_anonymous};
  return who.insecure || opens(d, who, is_subscribed) || granted(who, channel, right::publish)
             ? errc::none
             : errc::permission_denied;
}

errc may_history(const channel_options& options, std::string_view channel, const asker& who,
                 bool is_subscribed) noexcept {
  if (!options.keeps_history())
    return errc::not_available;
  const door d{options.allow_history_for_client, options.allow_history_for_subscriber,
               options.allow_history_for_anonymous};
  return may_read(options, channel, who, is_subscribed, d, right::history)
             ? errc::none
             : errc::permission_denied;
}

errc may_presence(const channel_options& options, std::string_view channel, const asker& who,
                  bool is_subscribed) noexcept {
  if (!options.presence)
    return errc::not_available;
  const door d{options.allow_presence_for_client, options.allow_presence_for_subscriber,
               options.allow_presence_for_anonymous};
  return may_read(options, channel, who, is_subscribed, d, right::presence)
             ? errc::none
             : errc::permission_denied;
}

} // namespace argosy
