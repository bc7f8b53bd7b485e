// wire: a TCP connection with or without TLS, read and written by one coroutine in each direction.
//
// Not thread-safe. A reader that does not read and a writer that waits are all the back-pressure
// there is: nothing is buffered here but one TLS record.
#pragma once

#include "net/cluster/asio.hpp"

#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace argosy::net {

class wire {
public:
  explicit wire(tcp::socket socket) : socket_(std::move(socket)) {}

  tcp::socket& socket() noexcept { return socket_; }

  /// TLS from here on; `inbound` = as the server.
  asio::awaitable<bool> shake_hands(std::shared_ptr<SSL_CTX> context, bool inbound);

  /// Bytes read, at least one; 0 = at its end or broken, see `error`.
  asio::awaitable<std::size_t> read_some(char* into, std::size_t room);

  asio::awaitable<bool> read(char* into, std::size_t size);
  asio::awaitable<bool> write(std::string_view bytes);

  /// Breaks off whatever waits.
  void close() noexcept;

  /// Why the last call failed.
  error_code error() const noexcept { return error_; }

  /// Null without TLS.
  SSL* tls() noexcept { return tls_ ? tls_->native_handle() : nullptr; }

private:
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  error_code error_;
};

/// What every socket between nodes gets: no delay, and a peer that vanished is noticed within some
/// ten seconds, whether we wait for it (keep-alive) or it owes us acknowledgements.
void tune(tcp::socket& socket);

} // namespace argosy::net
