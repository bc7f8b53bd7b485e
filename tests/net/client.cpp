#include "tests/net/client.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace argosy::test {

namespace {

constexpr int deadline_ms = 20'000;

} // namespace

std::string client_frame(int opcode, std::string_view payload, bool fin, bool masked,
                         bool compressed) {
  static thread_local std::uint32_t seed = 0x9E3779B9;
  const auto n = payload.size();
  const int mask_bit = masked ? 0x80 : 0;
  std::string out;
  auto put = [&out](std::uint64_t byte) { out += static_cast<char>(byte & 0xFF); };
  put((fin ? 0x80U : 0U) | (compressed ? 0x40U : 0U) | static_cast<unsigned>(opcode));
  if (n < 126) {
    put(static_cast<unsigned>(mask_bit) | n);
  } else if (n < 65536) {
    put(static_cast<unsigned>(mask_bit) | 126U);
    put(n >> 8);
    put(n);
  } else {
    put(static_cast<unsigned>(mask_bit) | 127U);
    for (int shift = 56; shift >= 0; shift -= 8)
      put(n >> shift);
  }
  if (!masked)
    return out.append(payload);
  seed = seed * 1664525 + 1013904223;
  char key[4];
  std::memcpy(key, &seed, sizeof key);
  out.append(key, sizeof key);
  for (std::size_t i = 0; i < n; ++i)
    out += static_cast<char>(payload[i] ^ key[i % 4]);
  return out;
}

std::string client_close(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return client_frame(8, payload.append(reason));
}

std::string upgrade_text(std::string_view path, std::string_view more_headers) {
  std::string out = "GET ";
  out.append(path).append(" HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Version: 13\r\n");
  return out.append(more_headers).append("\r\n");
}

client::client(std::uint16_t port, int receive_buffer)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL's socket BIO writes without MSG_NOSIGNAL
  if (receive_buffer > 0)
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval timeout{deadline_ms / 1000, 0};
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error{"connect: " + std::string{std::strerror(errno)}};
}

client::~client() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (fd_ >= 0)
    ::close(fd_);
}

void client::start_tls(SSL_SESSION* resume, bool only_tls12) {
  context_ = SSL_CTX_new(TLS_client_method());
  if (only_tls12)
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd_);
  if (resume != nullptr)
    SSL_set_session(ssl_, resume);
  if (SSL_connect(ssl_) != 1)
    throw std::runtime_error{"TLS handshake failed"};
}

std::string client::certificate_serial() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  const long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
  X509_free(certificate);
  return std::to_string(serial);
}

bool client::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}
SSL_SESSION* client::session() const {
  return SSL_get1_session(ssl_);
}

bool client::wait_for(short events) {
  if (ssl_ != nullptr && events == POLLIN && SSL_pending(ssl_) > 0)
    return true;
  pollfd p{fd_, events, 0};
  return poll(&p, 1, deadline_ms) > 0;
}

void client::send(std::string_view bytes) {
  if (!try_send(bytes))
    throw std::runtime_error{"send failed"};
}

bool client::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (ssl_ != nullptr) {
      std::size_t sent = 0;
      if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent) != 1)
        return false;
      bytes.remove_prefix(sent);
      continue;
    }
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t client::read_some(char* into, std::size_t room) {
  if (!wait_for(POLLIN))
    throw std::runtime_error{"nothing came before the deadline"};
  if (ssl_ != nullptr) {
    std::size_t got = 0;
    return SSL_read_ex(ssl_, into, room, &got) == 1 ? got : 0;
  }
  const auto got = ::recv(fd_, into, room, 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

bool client::fill(std::size_t bytes) {
  char block[65536];
  while (in_.size() < bytes) {
    const auto got = read_some(block, sizeof block);
    if (got == 0)
      return false;
    in_.append(block, got);
  }
  return true;
}

std::string client::upgrade(std::string_view path, std::string_view more_headers) {
  send(upgrade_text(path, more_headers));
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos)
    if (!fill(in_.size() + 1))
      throw std::runtime_error{"hung up during the upgrade"};
  auto header = in_.substr(0, end + 4);
  in_.erase(0, end + 4);
  if (!header.starts_with("HTTP/1.1 101"))
    throw std::runtime_error{"refused: " + header};
  return header;
}

std::optional<received_frame> client::next() {
  if (!fill(2))
    return {};
  received_frame f;
  const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(in_[i]); };
  f.opcode = byte(0) & 0x0F;
  f.fin = (byte(0) & 0x80) != 0;
  f.compressed = (byte(0) & 0x40) != 0;
  std::uint64_t size = byte(1) & 0x7F;
  std::size_t header = 2;
  if (size >= 126) {
    const std::size_t extra = size == 126 ? 2 : 8;
    if (!fill(2 + extra))
      return {};
    size = 0;
    for (std::size_t i = 0; i < extra; ++i)
      size = size << 8 | byte(2 + i);
    header += extra;
  }
  if (!fill(header + size))
    return {};
  f.payload = in_.substr(header, size);
  in_.erase(0, header + size);
  return f;
}

std::uint16_t client::close_code() {
  while (auto f = next())
    if (f->opcode == 8)
      return f->close_code();
  return 1006;
}

bool client::sees_end() {
  char block[65536];
  in_.clear();
  while (read_some(block, sizeof block) > 0) {
  }
  return true;
}

http_answer client::read_answer() {
  http_answer a;
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos)
    if (!fill(in_.size() + 1))
      return a;
  a.header = in_.substr(0, end + 4);
  in_.erase(0, end + 4);
  a.status = std::atoi(a.header.c_str() + 9);
  if (const auto at = a.header.find("Content-Length: "); at != std::string::npos) {
    const auto size = static_cast<std::size_t>(std::atoll(a.header.c_str() + at + 16));
    if (fill(size)) {
      a.body = in_.substr(0, size);
      in_.erase(0, size);
    }
  }
  return a;
}

bool client::has_input() {
  return !in_.empty() || wait_for(POLLIN);
}

void client::shut_down_writing() {
  ::shutdown(fd_, SHUT_WR);
}

void client::reset() {
  const linger hard{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd_);
  fd_ = -1;
}

} // namespace argosy::test
