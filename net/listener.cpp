#include "net/listener.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <unistd.h>
#include <utility>

namespace argosy::net {

namespace {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0; ///< 0 = not an address
};

socket_address parse(const endpoint& e) {
  socket_address result;
  auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
  if (inet_pton(AF_INET, e.address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(e.port);
    result.size = sizeof v4;
  } else if (inet_pton(AF_INET6, e.address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(e.port);
    result.size = sizeof v6;
  }
  return result;
}

std::string remedy(int error) {
  switch (error) {
  case EADDRINUSE:
    return "; stop the other program or choose another port";
  case EADDRNOTAVAIL:
    return "; this machine has no such address, use one of `ip addr`";
  case EACCES:
    return "; ports below 1024 need CAP_NET_BIND_SERVICE, choose a higher one";
  case EMFILE:
    return "; raise the limit on open files (ulimit -n)";
  default:
    return "";
  }
}

std::string fault(const endpoint& e, int error) {
  return "cannot listen on " + e.address + " port " + std::to_string(e.port) + ": "
         + std::strerror(error) + remedy(error);
}

void switch_on(int fd, int level, int option, int value = 1) {
  setsockopt(fd, level, option, &value, sizeof value);
}

socket_or_error bound(const endpoint& e, bool share_port) {
  const auto address = parse(e);
  if (address.size == 0)
    return {{},
            "cannot listen on \"" + e.address + "\" port " + std::to_string(e.port)
                + ": it is not an IPv4 or IPv6 address; names are not looked up"};
  descriptor fd{::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return {{}, fault(e, errno)};
  switch_on(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (share_port)
    switch_on(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0)
    return {{}, fault(e, errno)};
  return {std::move(fd), {}};
}

} // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

int descriptor::release() noexcept {
  return std::exchange(fd_, -1);
}

// SO_REUSEPORT would let a second node of the same user bind the port and take half of the
// newcomers; a first bind without it finds out.
socket_or_error reserve(const endpoint& e) {
  if (e.port != 0)
    if (auto alone = bound(e, false); !alone.socket)
      return alone;
  return bound(e, true);
}

socket_or_error listen_on(const endpoint& e, const settings& s) {
  auto result = bound(e, true);
  if (!result.socket)
    return result;
  const int fd = result.socket.get();
  switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
  switch_on(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, s.kernel_unsent_bytes_max);
  if (::listen(fd, s.backlog) != 0)
    return {{}, fault(e, errno)};
  return result;
}

socket_or_error listen_exclusively(const endpoint& e, int backlog) {
  auto result = bound(e, false);
  if (result.socket && ::listen(result.socket.get(), backlog) != 0)
    return {{}, fault(e, errno)};
  return result;
}

std::uint16_t port_of(const descriptor& socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return 0;
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(storage).sin_port);
}

in6_addr address_of(const sockaddr_storage& peer) noexcept {
  if (peer.ss_family == AF_INET6)
    return reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  in6_addr mapped{};
  mapped.s6_addr[10] = mapped.s6_addr[11] = 0xFF;
  std::memcpy(&mapped.s6_addr[12], &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, 4);
  return mapped;
}

std::string text_of(const in6_addr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (IN6_IS_ADDR_V4MAPPED(&address))
    inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
  else
    inet_ntop(AF_INET6, &address, text, sizeof text);
  return text;
}

} // namespace argosy::net
