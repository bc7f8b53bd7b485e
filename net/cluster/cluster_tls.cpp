#include "net/cluster/cluster_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace argosy::net {

namespace {

std::string last_fault() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return text != nullptr ? text : "unreadable";
}

void configure(SSL_CTX* ctx) {
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                            | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 0);
}

struct free_store_context {
  void operator()(X509_STORE_CTX* c) const noexcept { X509_STORE_CTX_free(c); }
};

/// "" or why the authorities in `ctx` would not accept its own certificate.
std::string rejection_of_own(SSL_CTX* ctx) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(ctx, &chain);
  const std::unique_ptr<X509_STORE_CTX, free_store_context> check{X509_STORE_CTX_new()};
  if (!check
      || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(ctx),
                             SSL_CTX_get0_certificate(ctx), chain)
             != 1)
    return last_fault();
  if (X509_verify_cert(check.get()) == 1)
    return {};
  ERR_clear_error();
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

} // namespace

cluster_tls::cluster_tls(files f, node_name self) : files_(std::move(f)), self_(std::move(self)) {
}

std::string cluster_tls::reload() {
  ERR_clear_error();
  handle fresh{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (fresh == nullptr)
    return "OpenSSL gives no TLS context: " + last_fault();
  configure(fresh.get());
  if (SSL_CTX_load_verify_file(fresh.get(), files_.authority.c_str()) != 1)
    return "`cluster.ca_file` names \"" + files_.authority + "\", which cannot be used ("
           + last_fault() + "); it must be a PEM file with the authority's certificate";
  if (SSL_CTX_use_certificate_chain_file(fresh.get(), files_.certificate.c_str()) != 1)
    return "`cluster.cert_file` names \"" + files_.certificate + "\", which cannot be used ("
           + last_fault() + "); it must be a PEM file, as `argosy certs node` makes it";
  if (SSL_CTX_use_PrivateKey_file(fresh.get(), files_.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH) {
      ERR_clear_error();
      return "`cluster.key_file` names \"" + files_.key
             + "\", which does not belong to the certificate " + files_.certificate
             + "; replace both together";
    }
    return "`cluster.key_file` names \"" + files_.key + "\", which cannot be used (" + last_fault()
           + "); it must be a PEM file with the private key of " + files_.certificate;
  }
  if (auto fault = check(fresh.get()); !fault.empty())
    return fault;
  const std::lock_guard lock{mutex_};
  current_ = std::move(fresh);
  return {};
}

std::string cluster_tls::check(SSL_CTX* ctx) const {
  if (const auto why = rejection_of_own(ctx); !why.empty())
    return "the cluster certificate " + files_.certificate + " is not accepted by the CA "
           + files_.authority + " (" + why + "); make a new one with `argosy certs node`";
  const auto name = name_of(SSL_CTX_get0_certificate(ctx));
  if (name != self_)
    return "the cluster certificate " + files_.certificate + " is for "
           + (name.node.empty() ? "no node of a cluster" : to_uri(name)) + ", but this node is "
           + to_uri(self_) + "; make one for it with `argosy certs node`";
  return {};
}

cluster_tls::handle cluster_tls::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

} // namespace argosy::net
