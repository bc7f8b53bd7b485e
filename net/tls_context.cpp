#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>
#include <utility>

namespace argosy::net {

namespace {

constexpr std::size_t ticket_key_bytes = 80;

std::string last_fault() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return text != nullptr ? text : "unreadable";
}

// Clients that offer HTTP/2 as well get HTTP/1.1, which is what carries a WebSocket upgrade here.
int choose_http1(SSL*, const unsigned char** out, unsigned char* out_size,
                 const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char http1[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, http1, sizeof http1 - 1, offered, offered_size)
      != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void configure(SSL_CTX* ctx) {
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                               | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); // tickets carry the state
  SSL_CTX_set_num_tickets(ctx, 1);
  SSL_CTX_set_read_ahead(ctx, 1);
  static constexpr unsigned char context_id[] = "argosy";
  SSL_CTX_set_session_id_context(ctx, context_id, sizeof context_id - 1);
  SSL_CTX_set_alpn_select_cb(ctx, choose_http1, nullptr);
}

void copy_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
  std::array<unsigned char, ticket_key_bytes> keys{};
  if (SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), keys.size()) == 1)
    SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), keys.size());
  OPENSSL_cleanse(keys.data(), keys.size());
}

} // namespace

tls_context::tls_context(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {
}

std::string tls_context::reload() {
  ERR_clear_error();
  handle fresh{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (fresh == nullptr)
    return "OpenSSL gives no TLS context: " + last_fault();
  configure(fresh.get());
  if (SSL_CTX_use_certificate_chain_file(fresh.get(), certificate_file_.c_str()) != 1)
    return "`tls.cert_file` names \"" + certificate_file_ + "\", which cannot be used ("
           + last_fault() + "); it must be a PEM file with the certificate and its chain";
  if (SSL_CTX_use_PrivateKey_file(fresh.get(), key_file_.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH)
      return "`tls.key_file` names \"" + key_file_ + "\", which does not belong to the certificate "
             + certificate_file_ + "; replace both together";
    return "`tls.key_file` names \"" + key_file_ + "\", which cannot be used (" + last_fault()
           + "); it must be a PEM file with the private key of " + certificate_file_;
  }
  const std::lock_guard lock{mutex_};
  if (current_ != nullptr)
    copy_ticket_keys(current_.get(), fresh.get());
  current_ = std::move(fresh);
  return {};
}

tls_context::handle tls_context::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

} // namespace argosy::net
