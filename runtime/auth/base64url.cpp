#include "runtime/auth/base64url.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace argosy::auth {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t not_a_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> out{};
  out.fill(not_a_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}

constexpr auto digits = make_digits();

} // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    for (have += 8; have >= 6; have -= 6)
      out += alphabet[bits >> (have - 6) & 0x3F];
  }
  if (have > 0)
    out += alphabet[bits << (6 - have) & 0x3F];
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    const auto digit = digits[static_cast<std::uint8_t>(c)];
    if (digit == not_a_digit)
      return std::nullopt;
    bits = bits << 6 | digit;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 0xFF);
    }
  }
  if ((bits & ((1U << have) - 1)) != 0)
    return std::nullopt;
  return out;
}

} // namespace argosy::auth
