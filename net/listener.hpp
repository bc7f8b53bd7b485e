// listener: a listening socket of one loop, and what it takes to open one.
#pragma once

#include "net/settings.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace argosy::net {

/// A descriptor that closes itself.
class descriptor {
public:
  descriptor() noexcept = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  int get() const noexcept { return fd_; }
  int release() noexcept;
  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// An open socket, or a sentence that names address, port and remedy.
struct socket_or_error {
  descriptor socket;
  std::string error;
};

/// A socket bound to `e` that shares its port with the others of this process but accepts nothing.
/// Holding it keeps the port that `e.port` = 0 picked. Fails when another process has the port.
socket_or_error reserve(const endpoint& e);

/// One of several listeners on the same address and port (SO_REUSEPORT: the kernel spreads
/// newcomers). What accepted sockets inherit is set here: TCP_NODELAY, TCP_NOTSENT_LOWAT.
socket_or_error listen_on(const endpoint& e, const settings& s);

/// The only listener on that address and port: nothing of it is shared with other processes.
socket_or_error listen_exclusively(const endpoint& e, int backlog);

/// The port a socket is bound to.
std::uint16_t port_of(const descriptor& socket);

/// A peer's address as IPv6, IPv4 ones mapped (RFC 4291 section 2.5.5.2), and its text form.
in6_addr address_of(const sockaddr_storage& peer) noexcept;
std::string text_of(const in6_addr& address);

} // namespace argosy::net
