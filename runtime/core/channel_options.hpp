// channel_options: what a room does and whom it lets in, and how a channel's name picks its
// options.
//
// Picture a house with floors: each floor (namespace) has its own rules on the wall, the entrance
// hall has the rules for rooms without a floor. A channel `chat:index` is on floor `chat`. Built
// once from the configuration, then immutable; the connection and the room read it from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace argosy {

/// The options of all rooms of a namespace. The defaults are those of Centrifugo: everything off.
struct channel_options {
  bool presence = false;              ///< keep who is subscribed
  bool join_leave = false;            ///< send join and leave to subscribers who asked for it
  bool force_push_join_leave = false; ///< ... and to those who did not ask

  std::uint32_t history_size = 0; ///< publications kept; 0 = no history
  std::chrono::milliseconds history_ttl{0};
  bool force_positioning = false; ///< watch every subscriber's position, asked or not
  bool force_recovery = false;    ///< every subscriber may recover, asked or not

  bool allow_subscribe_for_client = false;
  bool allow_subscribe_for_anonymous = false; ///< widens the line above to users without a name
  bool allow_publish_for_client = false;
  bool allow_publish_for_subscriber = false;
  bool allow_publish_for_anonymous = false;
  bool allow_history_for_client = false;
  bool allow_history_for_subscriber = false;
  bool allow_history_for_anonymous = false;
  bool allow_presence_for_client = false;
  bool allow_presence_for_subscriber = false;
  bool allow_presence_for_anonymous = false;
  bool allow_user_limited_channels = false; ///< `dialog#42,43` is for users 42 and 43

  std::uint32_t publish_per_second = 200; ///< token bucket of the room; 0 = no limit
  std::uint32_t publish_burst = 400;
  std::chrono::milliseconds dedupe_window{120'000};   ///< how long an idempotency key is remembered
  std::uint32_t dedupe_keys_max = 10'000;             ///< the oldest key is forgotten first
  std::chrono::milliseconds passivate_after{120'000}; ///< without a subscriber or a publication

  /// Set for personal rooms only: `user:` in `user:42`, which belongs to user 42.
  std::string personal_prefix;

  bool keeps_history() const noexcept { return history_size > 0 && history_ttl.count() > 0; }
  friend bool operator==(const channel_options&, const channel_options&) = default;
};

/// The rules of all namespaces. Pointers it returns live as long as it does: hold it by
/// `std::shared_ptr<const namespaces>`.
class namespaces {
public:
  /// `without` are the options of channels without a namespace. A channel that starts with
  /// `personal_prefix` is a personal room ("" = there are none).
  explicit namespaces(channel_options without = {},
                      std::string personal_prefix = "user:", std::size_t channel_bytes_max = 255);
  namespaces(const namespaces&) = delete;
  namespaces& operator=(const namespaces&) = delete;

  /// False if `name` is already there or not a namespace name. Call before the object is shared.
  bool add(std::string name, channel_options options);

  /// The options of `channel`, or null when its namespace is unknown (errc::unknown_channel). A
  /// personal room has the options of its namespace if that is defined, else the defaults. O(log
  /// n).
  const channel_options* resolve(std::string_view channel) const noexcept;

  /// 1 to `channel_bytes_max` bytes of printable ASCII, spaces excluded. Check before `resolve`
  /// (errc::bad_request).
  bool valid_channel(std::string_view channel) const noexcept;

  std::size_t size() const noexcept { return named_.size(); }

private:
  channel_options without_;
  channel_options personal_;
  std::map<std::string, channel_options, std::less<>> named_;
  std::size_t channel_bytes_max_;
};

/// `chat` of `chat:index` and of `$chat:index`; "" when there is no boundary.
std::string_view namespace_of(std::string_view channel) noexcept;

/// Letters, digits, `_`, `-` and `.`, 1 to 64 bytes.
bool valid_namespace_name(std::string_view name) noexcept;

/// `$` in front: such a channel opens with a subscription token only.
constexpr bool is_private_channel(std::string_view channel) noexcept {
  return channel.starts_with('$');
}

} // namespace argosy
