// crc32c: the checksum of what is written to disk (RFC 3720, polynomial 0x1EDC6F41, reflected).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace argosy::consensus {

inline constexpr auto crc32c_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit)
      c = (c & 1U) != 0 ? 0x82F63B78U ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}();

constexpr std::uint32_t crc32c(std::string_view bytes) noexcept {
  std::uint32_t c = 0xFFFFFFFFU;
  for (const char byte : bytes)
    c = crc32c_table[(c ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (c >> 8);
  return c ^ 0xFFFFFFFFU;
}

static_assert(crc32c("123456789") == 0xE3069283U);

} // namespace argosy::consensus
