// client_info: who is behind a connection, as other clients may see it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace argosy {

/// A random 128-bit id of a connection, written as a UUID (RFC 4122 version 4).
struct client_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  std::string text() const;
  static std::optional<client_id> parse(std::string_view text);
  friend auto operator<=>(const client_id&, const client_id&) = default;
};

/// Immutable and shared: the connection, its presence entry and its publications point to one copy.
struct client_info {
  client_id client;
  std::string user;      ///< "" = anonymous
  std::string conn_info; ///< JSON from the token's `info`, or ""
  std::string chan_info; ///< JSON from the subscription's `info`, or ""
};

using client_info_ptr = std::shared_ptr<const client_info>;

} // namespace argosy

template <>
struct std::hash<argosy::client_id> {
  std::size_t operator()(const argosy::client_id& id) const noexcept { return id.high ^ id.low; }
};
