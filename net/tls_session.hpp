// tls_session: OpenSSL directly on a non-blocking socket, with one BIO for all sessions of a loop.
//
// Asio's TLS stream keeps 50 KiB of buffers for each connection for good; this costs what OpenSSL
// itself keeps (14 KiB). Plaintext is encrypted only when it is about to be written, so what waits
// for a slow peer are shared frames; ciphertext is kept only for the one record that the socket
// took in part.
#pragma once

#include "net/engine.hpp"

#include <cstdint>
#include <string>
#include <string_view>

struct bio_st;
struct bio_method_st;
struct ssl_ctx_st;
struct ssl_st;

namespace argosy::net {

class tls_session;

/// The lower end of all sessions of a loop. OpenSSL calls it for whichever session was `aimed`
/// last.
class tls_wire {
public:
  tls_wire();
  ~tls_wire();
  tls_wire(const tls_wire&) = delete;
  tls_wire& operator=(const tls_wire&) = delete;

  /// Before a session reads in answer to a new event: there may be bytes again.
  void rearm() noexcept { drained_ = false; }

private:
  friend class tls_session;
  friend struct wire_callbacks;

  bio_method_st* method_ = nullptr;
  bio_st* bio_ = nullptr;
  tls_session* session_ = nullptr;
  int fd_ = -1;
  bool half_closed_ = false; ///< then a short read does not mean that the socket is empty
  bool drained_ = false;     ///< the last read was short: the next one would say EAGAIN
};

class tls_session {
public:
  enum class progress : std::uint8_t { done, would_block, failed };

  tls_session(ssl_ctx_st* context, tls_wire& wire);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  progress shake_hands(const connection& c);
  bool resumed() const noexcept;

  engine_host::received receive(const connection& c, char* into, std::size_t room);

  static constexpr std::size_t record_bytes_max = 16 << 10;

  /// Encrypts at most one record of plaintext and sends what the socket takes; the rest is kept.
  /// Call only while nothing is kept. False = the session is broken.
  bool write(const connection& c, std::string_view plaintext);

  /// Sends what is kept.
  progress flush(const connection& c);
  std::size_t kept_bytes() const noexcept { return kept_.size() - kept_sent_; }

  /// Says goodbye (close_notify).
  void shut_down(const connection& c);

private:
  friend struct wire_callbacks;
  void aim(const connection& c) noexcept;

  ssl_st* ssl_;
  tls_wire& wire_;
  std::string kept_; ///< ciphertext the socket did not take
  std::size_t kept_sent_ = 0;
};

} // namespace argosy::net
