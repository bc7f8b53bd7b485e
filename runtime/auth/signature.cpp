#include "runtime/auth/signature.hpp"

#include "runtime/auth/openssl_handle.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <array>

namespace argosy::auth {

namespace {

/// r || s -> DER, or "" when the length is wrong.
std::string to_der(std::string_view jose, std::size_t size) {
  if (jose.size() != 2 * size)
    return {};
  const ecdsa_signature pair{ECDSA_SIG_new()};
  bignum r{BN_bin2bn(octets(jose.data()), static_cast<int>(size), nullptr)};
  bignum s{BN_bin2bn(octets(jose.data() + size), static_cast<int>(size), nullptr)};
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0)
    return {};
  std::string out{reinterpret_cast<char*>(der), static_cast<std::size_t>(length)};
  OPENSSL_free(der);
  return out;
}

/// DER -> r || s.
std::string from_der(const std::string& der, std::size_t size) {
  const auto* at = octets(der.data());
  const ecdsa_signature pair{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  std::string out(2 * size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes, static_cast<int>(size)) < 0
      || BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes + size, static_cast<int>(size)) < 0)
    return {};
  return out;
}

} // namespace

std::string mac(const algorithm_info& alg, std::string_view secret, std::string_view input) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (::HMAC(EVP_get_digestbyname(alg.digest), secret.data(), static_cast<int>(secret.size()),
             octets(input.data()), input.size(), out.data(), &size)
      == nullptr)
    return {};
  return {reinterpret_cast<const char*>(out.data()), size};
}

bool check_mac(const algorithm_info& alg, std::string_view secret, std::string_view input,
               std::string_view expected) {
  const auto actual = mac(alg, secret, input);
  return !actual.empty() && actual.size() == expected.size()
         && CRYPTO_memcmp(actual.data(), expected.data(), actual.size()) == 0;
}

std::string make_signature(const algorithm_info& alg, EVP_PKEY* pkey, std::string_view input) {
  const digest_context context{EVP_MD_CTX_new()};
  std::size_t size = 0;
  if (!context
      || EVP_DigestSignInit_ex(context.get(), nullptr, alg.digest, nullptr, nullptr, pkey, nullptr)
             != 1
      || EVP_DigestSign(context.get(), nullptr, &size, octets(input.data()), input.size()) != 1)
    return {};
  std::string out(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     octets(input.data()), input.size())
      != 1)
    return {};
  out.resize(size);
  return alg.coordinate_size == 0 ? out : from_der(out, alg.coordinate_size);
}

bool check_signature(const algorithm_info& alg, EVP_PKEY* pkey, std::string_view input,
                     std::string_view signature) {
  std::string der;
  if (alg.coordinate_size != 0) {
    der = to_der(signature, alg.coordinate_size);
    signature = der;
  }
  const digest_context context{EVP_MD_CTX_new()};
  return !signature.empty() && context
         && EVP_DigestVerifyInit_ex(context.get(), nullptr, alg.digest, nullptr, nullptr, pkey,
                                    nullptr)
                == 1
         && EVP_DigestVerify(context.get(), octets(signature.data()), signature.size(),
                             octets(input.data()), input.size())
                == 1;
}

} // namespace argosy::auth
