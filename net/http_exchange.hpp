// http_exchange: one HTTP request being read from a socket that is not (yet) a WebSocket.
//
// Bytes go in, a verdict comes out: an upgrade, a whole request, or the status that refuses it.
// Beast parses; nothing is parsed before the header is complete, so a request that trickles in byte
// by byte costs a scan, not a parse. Touches no socket.
#pragma once

#include "net/beast.hpp"
#include "net/settings.hpp"
#include "runtime/http.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::net {

class http_exchange {
public:
  enum class verdict : std::uint8_t {
    need_more,
    need_more_say_continue, ///< as need_more, and the client waits for "100 Continue"
    upgrade,                ///< a WebSocket at one of our paths
    complete,
    malformed,        ///< 400
    header_too_large, ///< 431
    body_too_large,   ///< 413
  };

  /// `number` tells a late answer to an earlier request on the same socket from the answer to this
  /// one.
  explicit http_exchange(const settings& s, std::uint32_t number = 0)
      : settings_(s), number_(number) {}

  verdict feed(std::string_view bytes);

  /// After verdict::upgrade.
  const http::request<http::empty_body>& upgrade() const { return header_->get(); }
  bool is_echo() const noexcept { return echo_; }

  /// After verdict::complete; once.
  http_request take_request(std::string peer_address);
  bool keep_alive() const noexcept { return keep_alive_; }
  bool is_head() const noexcept { return head_; }

  /// What came behind the request.
  std::string_view leftover() const noexcept { return buffer_; }

  std::uint32_t number() const noexcept { return number_; }

private:
  verdict parse_header(std::size_t header_end);
  verdict parse_body();

  const settings& settings_;
  std::string buffer_; ///< not yet parsed
  std::optional<http::request_parser<http::empty_body>> header_;
  std::optional<http::request_parser<http::string_body>> body_;
  const std::uint32_t number_;
  bool echo_ = false;
  bool keep_alive_ = false;
  bool head_ = false;
};

/// The answer on the wire. `keep_alive` is the pause promised until the next request; 0 = the
/// connection closes.
std::string write_response(const http_response& response, std::chrono::seconds keep_alive,
                           bool without_body);

/// A short answer of our own.
http_response refusal_response(int status, std::string_view sentence,
                               std::uint32_t retry_after_s = 0);

} // namespace argosy::net
