#include "net/cluster/wire.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <tuple>

namespace argosy::net {

asio::awaitable<bool> wire::shake_hands(std::shared_ptr<SSL_CTX> context, bool inbound) {
  tls_.emplace(socket_, SSL_new(context.get())); // the session keeps the context alive
  using role = asio::ssl::stream_base;
  std::tie(error_) = co_await tls_->async_handshake(inbound ? role::server : role::client, told);
  co_return !error_;
}

asio::awaitable<std::size_t> wire::read_some(char* into, std::size_t room) {
  std::size_t size = 0;
  if (tls_)
    std::tie(error_, size) = co_await tls_->async_read_some(asio::buffer(into, room), told);
  else
    std::tie(error_, size) = co_await socket_.async_read_some(asio::buffer(into, room), told);
  co_return error_ ? 0 : size;
}

asio::awaitable<bool> wire::read(char* into, std::size_t size) {
  std::size_t done = 0;
  if (tls_)
    std::tie(error_, done) = co_await asio::async_read(*tls_, asio::buffer(into, size), told);
  else
    std::tie(error_, done) = co_await asio::async_read(socket_, asio::buffer(into, size), told);
  co_return !error_;
}

asio::awaitable<bool> wire::write(std::string_view bytes) {
  std::size_t done = 0;
  if (tls_)
    std::tie(error_, done) = co_await asio::async_write(*tls_, asio::buffer(bytes), told);
  else
    std::tie(error_, done) = co_await asio::async_write(socket_, asio::buffer(bytes), told);
  co_return !error_;
}

void wire::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

void tune(tcp::socket& socket) {
  const auto set = [&](int level, int option, int value) {
    setsockopt(socket.native_handle(), level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 4);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 2);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 10'000);
}

} // namespace argosy::net
