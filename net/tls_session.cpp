#include "net/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <new>
#include <sys/socket.h>

namespace argosy::net {

struct wire_callbacks {
  static int write(BIO* bio, const char* data, int size) {
    auto& wire = *static_cast<tls_wire*>(BIO_get_data(bio));
    auto& session = *wire.session_;
    BIO_clear_retry_flags(bio);
    ssize_t sent = 0;
    if (session.kept_bytes() == 0) {
      sent = ::send(wire.fd_, data, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN)
        return -1;
      sent = sent < 0 ? 0 : sent;
    }
    session.kept_.append(data + sent, static_cast<std::size_t>(size - sent));
    return size;
  }

  static int read(BIO* bio, char* into, int room) {
    auto& wire = *static_cast<tls_wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (wire.drained_) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const auto got = ::recv(wire.fd_, into, static_cast<std::size_t>(room), MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EAGAIN)
        BIO_set_retry_read(bio);
      return -1;
    }
    wire.drained_ = got > 0 && got < room && !wire.half_closed_;
    return static_cast<int>(got);
  }

  static long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
  }
};

tls_wire::tls_wire()
    : method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "argosy loop")) {
  BIO_meth_set_write(method_, wire_callbacks::write);
  BIO_meth_set_read(method_, wire_callbacks::read);
  BIO_meth_set_ctrl(method_, wire_callbacks::control);
  bio_ = BIO_new(method_);
  BIO_set_data(bio_, this);
  BIO_set_init(bio_, 1);
}

tls_wire::~tls_wire() {
  BIO_free(bio_);
  BIO_meth_free(method_);
}

tls_session::tls_session(SSL_CTX* context, tls_wire& wire) : ssl_(SSL_new(context)), wire_(wire) {
  if (ssl_ == nullptr)
    throw std::bad_alloc{};
  BIO_up_ref(wire.bio_); // one for each direction
  BIO_up_ref(wire.bio_);
  SSL_set0_rbio(ssl_, wire.bio_);
  SSL_set0_wbio(ssl_, wire.bio_);
  SSL_set_accept_state(ssl_);
}

tls_session::~tls_session() {
  wire_.session_ = this;
  SSL_free(ssl_);
}

void tls_session::aim(const connection& c) noexcept {
  wire_.session_ = this;
  wire_.fd_ = c.fd;
  wire_.half_closed_ = c.half_closed;
  ERR_clear_error();
}

tls_session::progress tls_session::shake_hands(const connection& c) {
  aim(c);
  const int result = SSL_accept(ssl_);
  if (result == 1)
    return progress::done;
  return SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ ? progress::would_block
                                                            : progress::failed;
}

bool tls_session::resumed() const noexcept {
  return SSL_session_reused(ssl_) == 1;
}

engine_host::received tls_session::receive(const connection& c, char* into, std::size_t room) {
  aim(c);
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_, into, room, &size);
  if (result == 1)
    return {engine_host::input::bytes, size};
  switch (SSL_get_error(ssl_, result)) {
  case SSL_ERROR_WANT_READ:
    return {engine_host::input::would_block};
  case SSL_ERROR_ZERO_RETURN:
    return {engine_host::input::end};
  default:
    return {engine_host::input::failed};
  }
}

bool tls_session::write(const connection& c, std::string_view plaintext) {
  aim(c);
  std::size_t written = 0;
  return SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written) == 1
         && written == plaintext.size();
}

tls_session::progress tls_session::flush(const connection& c) {
  if (kept_bytes() == 0)
    return progress::done;
  const auto sent =
      ::send(c.fd, kept_.data() + kept_sent_, kept_bytes(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0)
    return errno == EAGAIN ? progress::would_block : progress::failed;
  kept_sent_ += static_cast<std::size_t>(sent);
  if (kept_bytes() > 0)
    return progress::would_block;
  std::string{}.swap(kept_);
  kept_sent_ = 0;
  return progress::done;
}

void tls_session::shut_down(const connection& c) {
  if (SSL_in_init(ssl_))
    return;
  aim(c);
  SSL_shutdown(ssl_);
}

} // namespace argosy::net
