#include "net/cluster/certificates.hpp"

#include "runtime/auth/openssl_handle.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <utility>

namespace argosy::net {

namespace {

using auth::freed_by;

using key_handle = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_handle = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_handle = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using auth::bio_handle;
using number_handle = std::unique_ptr<BIGNUM, freed_by<BN_free>>;

certificate fault(std::string_view what) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return {{},
          {},
          std::string{what} + " (OpenSSL: " + (text != nullptr ? text : "no reason given") + ")"};
}

bio_handle reading(const std::string& text) {
  return bio_handle{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string contents(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// RFC 5280 section 4.1.2.2 wants serial numbers unique; 127 random bits are.
bool set_serial(X509* x) {
  const number_handle number{BN_new()};
  return number && BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
         && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x)) != nullptr;
}

bool set_times(X509* x, const validity& v) {
  return X509_gmtime_adj(X509_getm_notBefore(x), v.begins_in.count()) != nullptr
         && X509_gmtime_adj(X509_getm_notAfter(x), v.ends_in.count()) != nullptr;
}

bool set_subject(X509* x, const std::string& common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, text,
                                    static_cast<int>(common_name.size()), -1, 0)
         == 1;
}

bool extend(X509* x, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  const extension_handle extension{X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str())};
  return extension && X509_add_ext(x, extension.get(), -1) == 1;
}

struct subject {
  node_name name;
  std::string common_name;
  bool authority = false;
};

bool extend_all(X509* x, X509* issuer, const subject& s) {
  return extend(x, issuer, NID_basic_constraints,
                s.authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE")
         && extend(x, issuer, NID_key_usage,
                   s.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature")
         && (s.authority || extend(x, issuer, NID_ext_key_usage, "serverAuth,clientAuth"))
         && extend(x, issuer, NID_subject_key_identifier, "hash")
         && extend(x, issuer, NID_authority_key_identifier, "keyid:always")
         && extend(x, issuer, NID_subject_alt_name, "URI:" + to_uri(s.name));
}

certificate written(X509* x, EVP_PKEY* key) {
  const bio_handle certificate_out{BIO_new(BIO_s_mem())};
  const bio_handle key_out{BIO_new(BIO_s_mem())};
  if (!certificate_out || !key_out || PEM_write_bio_X509(certificate_out.get(), x) != 1
      || PEM_write_bio_PrivateKey(key_out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fault("a certificate cannot be written as PEM");
  return {contents(certificate_out.get()), contents(key_out.get()), {}};
}

struct signer {
  X509* certificate = nullptr; ///< null: the new certificate signs itself
  EVP_PKEY* key = nullptr;
};

certificate make(const subject& s, const validity& v, const signer& by) {
  const key_handle key{EVP_EC_gen("P-256")};
  const certificate_handle x{X509_new()};
  if (!key || !x)
    return fault("no EC P-256 key can be made");
  auto* issuer = by.certificate != nullptr ? by.certificate : x.get();
  if (X509_set_version(x.get(), X509_VERSION_3) != 1 || !set_serial(x.get())
      || !set_times(x.get(), v) || !set_subject(x.get(), s.common_name)
      || X509_set_issuer_name(x.get(), X509_get_subject_name(issuer)) != 1
      || X509_set_pubkey(x.get(), key.get()) != 1 || !extend_all(x.get(), issuer, s)
      || X509_sign(x.get(), by.key != nullptr ? by.key : key.get(), EVP_sha256()) <= 0)
    return fault("no certificate can be made for " + to_uri(s.name));
  return written(x.get(), key.get());
}

certificate_handle read_certificate(const std::string& pem) {
  return certificate_handle{PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr)};
}

} // namespace

certificate make_authority(std::string_view cluster, const validity& v) {
  const std::string name{cluster};
  return make({{name, {}}, name, true}, v, {});
}

certificate make_node_certificate(const certificate& authority, const node_name& name,
                                  const validity& v) {
  const auto by = read_certificate(authority.pem);
  if (!by)
    return fault("the authority's certificate is not a PEM certificate");
  const key_handle key{
      PEM_read_bio_PrivateKey(reading(authority.key_pem).get(), nullptr, nullptr, nullptr)};
  if (!key)
    return fault("the authority's key is not a PEM private key");
  if (X509_check_private_key(by.get(), key.get()) != 1)
    return fault("the authority's key does not belong to its certificate");
  return make({name, name.node.empty() ? name.cluster : name.node, false}, v,
              {by.get(), key.get()});
}

std::string cluster_of(const certificate& authority) {
  const auto x = read_certificate(authority.pem);
  ERR_clear_error();
  return x ? name_of(x.get()).cluster : std::string{};
}

} // namespace argosy::net
