#include "runtime/core/client_info.hpp"

#include <array>
#include <charconv>

namespace argosy {

std::string client_id::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(36, '-');
  std::size_t at = 0;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20)
      ++at;
    const std::uint64_t half = i < 16 ? high : low;
    out[at++] = digits[(half >> (60 - 4 * (i % 16))) & 0xF];
  }
  return out;
}

std::optional<client_id> client_id::parse(std::string_view text) {
  if (text.size() != 36)
    return std::nullopt;
  std::array<char, 32> hex{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-'))
      return std::nullopt;
    if (!dash)
      hex[n++] = text[i];
  }
  client_id id;
  const char* middle = hex.data() + 16;
  const char* end = hex.data() + 32;
  if (std::from_chars(hex.data(), middle, id.high, 16).ptr != middle
      || std::from_chars(middle, end, id.low, 16).ptr != end)
    return std::nullopt;
  return id;
}

} // namespace argosy
