#include "runtime/auth/key.hpp"

#include "runtime/auth/openssl_handle.hpp"
#include "runtime/auth/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

namespace argosy::auth {

namespace {

constexpr int rsa_bits_min = 2'048;

refusal bad_key(std::string sentence) {
  ERR_clear_error();
  return {errc::invalid_token, std::move(sentence)};
}

std::optional<key_kind> kind_of(EVP_PKEY* pkey) {
  if (EVP_PKEY_is_a(pkey, "RSA"))
    return key_kind::rsa;
  if (EVP_PKEY_is_a(pkey, "ED25519"))
    return key_kind::ed25519;
  std::array<char, 64> group{};
  if (!EVP_PKEY_is_a(pkey, "EC")
      || EVP_PKEY_get_group_name(pkey, group.data(), group.size(), nullptr) != 1)
    return std::nullopt;
  const std::string_view name{group.data()};
  if (name == "prime256v1" || name == "P-256")
    return key_kind::ec_p256;
  if (name == "secp384r1" || name == "P-384")
    return key_kind::ec_p384;
  return std::nullopt;
}

EVP_PKEY* from_params(const char* type, OSSL_PARAM_BLD* builder) {
  const param_list params{OSSL_PARAM_BLD_to_param(builder)};
  const pkey_context context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* pkey = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1
      || EVP_PKEY_fromdata(context.get(), &pkey, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return pkey;
}

bignum to_bignum(std::string_view bytes) {
  return bignum{BN_bin2bn(octets(bytes.data()), static_cast<int>(bytes.size()), nullptr)};
}

bio_handle reader_of(std::string_view pem) {
  return bio_handle{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

/// An encrypted key must not stop a server to ask a terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

EVP_PKEY* key_of_certificate(std::string_view pem) {
  const auto in = reader_of(pem);
  const std::unique_ptr<X509, freed_by<X509_free>> certificate{
      PEM_read_bio_X509(in.get(), nullptr, no_passphrase, nullptr)};
  return certificate ? X509_get_pubkey(certificate.get()) : nullptr;
}

} // namespace

outcome<key> key::from_secret(std::string secret) {
  if (secret.empty())
    return bad_key("the secret is empty");
  key k{key_kind::secret};
  k.secret_ = std::move(secret);
  return k;
}

outcome<key> key::from_public_pem(std::string_view pem) {
  const auto in = reader_of(pem);
  if (auto* pkey = PEM_read_bio_PUBKEY(in.get(), nullptr, no_passphrase, nullptr))
    return adopt(pkey);
  if (auto* pkey = key_of_certificate(pem))
    return adopt(pkey);
  return bad_key("not a public key in PEM form (-----BEGIN PUBLIC KEY-----)");
}

outcome<key> key::from_private_pem(std::string_view pem) {
  const auto in = reader_of(pem);
  if (auto* pkey = PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr))
    return adopt(pkey);
  return bad_key("not an unencrypted private key in PEM form (-----BEGIN PRIVATE KEY-----)");
}

outcome<key> key::from_rsa(std::string_view modulus, std::string_view exponent) {
  const auto n = to_bignum(modulus);
  const auto e = to_bignum(exponent);
  const param_builder builder{OSSL_PARAM_BLD_new()};
  if (!n || !e || !builder
      || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1
      || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return bad_key("not an RSA key");
  return adopt(from_params("RSA", builder.get()));
}

outcome<key> key::from_ec(key_kind curve, std::string_view x, std::string_view y) {
  const std::size_t size = curve == key_kind::ec_p256 ? 32 : 48;
  if (x.size() != size || y.size() != size)
    return bad_key("not a point of its curve");
  const auto point = std::string{"\x04"}.append(x).append(y); // SEC 1 section 2.3.3, uncompressed
  const char* group = curve == key_kind::ec_p256 ? "P-256" : "P-384";
  const param_builder builder{OSSL_PARAM_BLD_new()};
  if (!builder
      || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1
      || OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                          point.size())
             != 1)
    return bad_key("not an EC key");
  return adopt(from_params("EC", builder.get()));
}

outcome<key> key::from_ed25519(std::string_view x) {
  return adopt(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(x.data()), x.size()));
}

outcome<key> key::adopt(EVP_PKEY* pkey) {
  pkey_handle owned{pkey};
  if (!owned)
    return bad_key("not a key: its numbers do not fit together");
  const auto kind = kind_of(pkey);
  if (!kind)
    return bad_key("neither RSA, nor EC on P-256 or P-384, nor Ed25519");
  if (*kind == key_kind::rsa && EVP_PKEY_get_bits(pkey) < rsa_bits_min)
    return bad_key("an RSA key of fewer than 2048 bits");
  key k{*kind};
  k.pkey_ = std::move(owned);
  return k;
}

key key::with_id(std::string id) && {
  id_ = std::move(id);
  return std::move(*this);
}

key key::only_for(algorithm alg) && {
  only_ = alg;
  return std::move(*this);
}

bool key::verify(algorithm alg, std::string_view input, std::string_view signature) const {
  const auto& row = info(alg);
  if (row.kind != kind_ || (only_ && *only_ != alg))
    return false;
  const bool good = kind_ == key_kind::secret ? check_mac(row, secret_, input, signature)
                                              : check_signature(row, pkey_.get(), input, signature);
  ERR_clear_error();
  return good;
}

outcome<std::string> key::sign(algorithm alg, std::string_view input) const {
  const auto& row = info(alg);
  if (row.kind != kind_)
    return bad_key(std::string{row.name} + " does not fit the key");
  auto signature = kind_ == key_kind::secret ? mac(row, secret_, input)
                                             : make_signature(row, pkey_.get(), input);
  if (signature.empty())
    return bad_key("the key cannot sign; a private key is needed");
  return signature;
}

} // namespace argosy::auth
