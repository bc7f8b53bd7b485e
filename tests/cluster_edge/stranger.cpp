#include "tests/cluster_edge/stranger.hpp"

#include "tests/cluster_edge/fixture.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace argosy::test {

stranger::stranger(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval deadline{patience.count(), 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("cannot connect");
}

stranger::stranger(stranger&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), context_(std::move(other.context_)),
      tls_(std::move(other.tls_)) {
}

stranger::~stranger() {
  tls_.reset();
  if (fd_ >= 0)
    ::close(fd_);
}

bool stranger::start_tls(const std::string& certificate_file, const std::string& key_file) {
  context_ = {SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!certificate_file.empty()
      && (SSL_CTX_use_certificate_chain_file(context_.get(), certificate_file.c_str()) != 1
          || SSL_CTX_use_PrivateKey_file(context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1))
    throw std::runtime_error("cannot use " + certificate_file);
  tls_ = {SSL_new(context_.get()), SSL_free};
  SSL_set_fd(tls_.get(), fd_);
  return SSL_connect(tls_.get()) == 1;
}

void stranger::send(std::string_view bytes) {
  if (tls_)
    SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
  else
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

long stranger::read_some(char* into, std::size_t room) {
  return tls_ ? SSL_read(tls_.get(), into, static_cast<int>(room)) : ::recv(fd_, into, room, 0);
}

std::string stranger::receive(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    char some[4096];
    const auto got = read_some(some, std::min(sizeof some, size - bytes.size()));
    if (got <= 0)
      break;
    bytes.append(some, static_cast<std::size_t>(got));
  }
  return bytes;
}

bool stranger::closed_by_peer() {
  const auto began = std::chrono::steady_clock::now();
  char some[4096];
  while (read_some(some, sizeof some) > 0) {
  }
  return std::chrono::steady_clock::now() - began < patience;
}

} // namespace argosy::test
