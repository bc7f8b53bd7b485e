#include "bench/tls_client.hpp"

#include <openssl/err.h>

#include <cerrno>
#include <stdexcept>

namespace argosy::bench {

namespace {

std::ptrdiff_t as_errno(SSL& session, int result) noexcept {
  switch (::SSL_get_error(&session, result)) {
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    errno = EAGAIN;
    return -1;
  case SSL_ERROR_ZERO_RETURN:
    return 0;
  default:
    errno = ECONNRESET;
    return -1;
  }
}

} // namespace

tls_client::tls_client(bool resumes) : context_(::SSL_CTX_new(::TLS_client_method())) {
  if (!context_)
    throw std::runtime_error("OpenSSL gives no client context");
  ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  ::SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_session_cache_mode(context_.get(),
                                   resumes ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
                                           : SSL_SESS_CACHE_OFF);
  SSL_CTX_set_app_data(context_.get(), this);
  if (resumes)
    ::SSL_CTX_sess_set_new_cb(context_.get(), keep_ticket);
}

int tls_client::keep_ticket(SSL* session, SSL_SESSION* ticket) noexcept {
  auto* self = static_cast<tls_client*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(session)));
  self->ticket_.reset(::SSL_SESSION_dup(ticket));
  return 0; // theirs stays with the connection
}

tls_session tls_client::open(int fd) const {
  tls_session session{::SSL_new(context_.get())};
  if (session) {
    ::SSL_set_fd(session.get(), fd);
    ::SSL_set_connect_state(session.get());
    if (ticket_) { // a copy: OpenSSL marks the one that is shown as used up
      const std::unique_ptr<SSL_SESSION, tls_deleter> copy{::SSL_SESSION_dup(ticket_.get())};
      ::SSL_set_session(session.get(), copy.get());
    }
  }
  return session;
}

tls_state tls_client::handshake(SSL& session) noexcept {
  ::ERR_clear_error();
  const int result = ::SSL_do_handshake(&session);
  if (result == 1)
    return tls_state::done;
  const int why = ::SSL_get_error(&session, result);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? tls_state::wants_more
                                                                   : tls_state::failed;
}

std::ptrdiff_t tls_client::read(SSL& session, std::span<char> into) noexcept {
  ::ERR_clear_error();
  std::size_t got = 0;
  const int result = ::SSL_read_ex(&session, into.data(), into.size(), &got);
  return result == 1 ? static_cast<std::ptrdiff_t>(got) : as_errno(session, result);
}

std::ptrdiff_t tls_client::write(SSL& session, std::span<const char> bytes) noexcept {
  ::ERR_clear_error();
  std::size_t sent = 0;
  const int result = ::SSL_write_ex(&session, bytes.data(), bytes.size(), &sent);
  return result == 1 ? static_cast<std::ptrdiff_t>(sent) : as_errno(session, result);
}

} // namespace argosy::bench
