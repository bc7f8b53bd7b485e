// url: where a WebSocket lives, as ws://host[:port][/path] or wss://...
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace argosy::client {

struct url {
  bool tls = false;
  std::string host; ///< without the brackets of an IPv6 literal
  std::string port; ///< 80 or 443 unless given
  std::string path; ///< with the query; "/" unless given

  /// The Host header: brackets around IPv6, the port unless it is the scheme's own.
  std::string authority() const;

  /// Nothing if `text` is not such a URL.
  static std::optional<url> parse(std::string_view text);
};

} // namespace argosy::client
