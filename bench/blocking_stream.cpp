#include "bench/blocking_stream.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace argosy::bench {

blocking_stream::blocking_stream(const std::string& host, std::uint16_t port, int timeout_ms)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), timeout_ms_(timeout_ms) {
  const timeval patience{.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1
      || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    const std::string why = std::strerror(errno);
    ::close(fd_);
    throw std::runtime_error("cannot connect to " + host + ":" + std::to_string(port) + ": " + why);
  }
}

blocking_stream::~blocking_stream() {
  ::close(fd_);
}

void blocking_stream::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      throw std::runtime_error(std::string("the server takes nothing more: ")
                               + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void blocking_stream::receive(std::string& to) {
  std::array<char, 16 * 1024> buffer;
  const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got == 0)
    throw std::runtime_error("the server closed the connection");
  if (got < 0)
    throw std::runtime_error(errno == EAGAIN ? "the server did not answer in "
                                                   + std::to_string(timeout_ms_) + " ms"
                                             : std::string("receive: ") + std::strerror(errno));
  to.append(buffer.data(), static_cast<std::size_t>(got));
}

void blocking_stream::receive_available(std::string& to) {
  std::array<char, 16 * 1024> buffer;
  ssize_t got = 0;
  while ((got = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0)
    to.append(buffer.data(), static_cast<std::size_t>(got));
}

} // namespace argosy::bench
