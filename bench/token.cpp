#include "bench/token.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>

namespace argosy::bench {

namespace {

std::string base64url(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    have += 8;
    while (have >= 6) {
      have -= 6;
      out.push_back(alphabet[(bits >> have) & 0x3F]);
    }
  }
  if (have > 0)
    out.push_back(alphabet[(bits << (6 - have)) & 0x3F]);
  return out;
}

} // namespace

std::string hs256_token(std::string_view user, std::string_view secret) {
  static const std::string header = base64url(R"({"alg":"HS256","typ":"JWT"})");
  auto signed_part = header + "." + base64url(R"({"sub":")" + std::string(user) + R"("})");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(),
         digest.data(), &size);
  return signed_part + "." + base64url({reinterpret_cast<const char*>(digest.data()), size});
}

} // namespace argosy::bench
