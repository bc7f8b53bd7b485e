// tls_client: the client's end of TLS over a non-blocking socket, for clients that verify nobody.
//
// A load generator meets self-signed certificates, so there is no verification: never use this for
// anything but measuring. One context per process, one session object per connection. A client that
// resumes keeps the newest ticket of any connection and shows it on all that follow, which a server
// with stateless tickets allows.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>

namespace argosy::bench {

enum class tls_state { done, wants_more, failed };

struct tls_deleter {
  void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
  void operator()(SSL* session) const noexcept { ::SSL_free(session); }
  void operator()(SSL_SESSION* ticket) const noexcept { ::SSL_SESSION_free(ticket); }
};

using tls_session = std::unique_ptr<SSL, tls_deleter>;

class tls_client {
public:
  /// Throws std::runtime_error when OpenSSL gives no context.
  explicit tls_client(bool resumes = false);
  tls_client(const tls_client&) = delete; // the context points here
  tls_client& operator=(const tls_client&) = delete;

  /// Whether the next session will ask to be a resumed one.
  bool has_ticket() const noexcept { return ticket_ != nullptr; }

  /// A session over `fd`, which stays the caller's. Null when out of memory.
  tls_session open(int fd) const;

  /// Goes on with the handshake as far as the socket allows.
  static tls_state handshake(SSL& session) noexcept;

  /// As recv(): bytes read, 0 at the end, -1 with errno (EAGAIN when there is nothing).
  static std::ptrdiff_t read(SSL& session, std::span<char> into) noexcept;

  /// As send() of all or nothing.
  static std::ptrdiff_t write(SSL& session, std::span<const char> bytes) noexcept;

private:
  static int keep_ticket(SSL* session, SSL_SESSION* ticket) noexcept;

  std::unique_ptr<SSL_CTX, tls_deleter> context_;
  std::unique_ptr<SSL_SESSION, tls_deleter> ticket_;
};

} // namespace argosy::bench
