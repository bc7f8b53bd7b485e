#include "bench/self_signed.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace argosy::bench {

namespace {

template <auto Free>
struct free_with {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, free_with<::EVP_PKEY_free>>;
using cert_ptr = std::unique_ptr<X509, free_with<::X509_free>>;
using file_ptr = std::unique_ptr<std::FILE, free_with<std::fclose>>;

file_ptr open(const std::string& path) {
  file_ptr file{std::fopen(path.c_str(), "w")};
  if (!file)
    throw std::runtime_error("cannot write " + path);
  return file;
}

} // namespace

void write_self_signed(const std::string& cert_file, const std::string& key_file) {
  const key_ptr key{EVP_EC_gen("P-256")};
  const cert_ptr cert{::X509_new()};
  if (!key || !cert)
    throw std::runtime_error("OpenSSL gives no key");
  ::X509_set_version(cert.get(), 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(cert.get()), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(cert.get()), -60);
  ::X509_gmtime_adj(::X509_getm_notAfter(cert.get()), 24 * 3600);
  ::X509_set_pubkey(cert.get(), key.get());
  auto* name = ::X509_get_subject_name(cert.get());
  const auto* host = reinterpret_cast<const unsigned char*>("localhost");
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
  ::X509_set_issuer_name(cert.get(), name);
  const bool written = ::X509_sign(cert.get(), key.get(), ::EVP_sha256()) > 0
                       && ::PEM_write_X509(open(cert_file).get(), cert.get()) == 1
                       && ::PEM_write_PrivateKey(open(key_file).get(), key.get(), nullptr, nullptr,
                                                 0, nullptr, nullptr)
                              == 1;
  if (!written)
    throw std::runtime_error("OpenSSL cannot write a certificate");
}

} // namespace argosy::bench
