#include "runtime/config/parse_range.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <string>

namespace argosy::config {

namespace {

constexpr std::uint8_t mapped_bits = 96; // in front of the IPv4 address in the one that maps it

std::optional<std::uint8_t> parse_bits(std::string_view text, std::uint8_t max) {
  std::uint8_t bits = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (failed != std::errc{} || end != text.data() + text.size() || bits > max)
    return std::nullopt;
  return bits;
}

} // namespace

std::optional<address_range> parse_range(std::string_view text) {
  const auto slash = text.find('/');
  const std::string host{text.substr(0, slash)};
  address_range out;
  in_addr v4{};
  in6_addr v6{};
  const bool short_one = ::inet_pton(AF_INET, host.c_str(), &v4) == 1;
  if (short_one) {
    out.prefix[10] = out.prefix[11] = 0xFF;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&v4), sizeof v4, out.prefix.begin() + 12);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    std::copy_n(v6.s6_addr, out.prefix.size(), out.prefix.begin());
  } else {
    return std::nullopt;
  }
  if (slash == std::string_view::npos)
    return out;
  const std::uint8_t ahead = short_one ? mapped_bits : 0;
  const auto bits = parse_bits(text.substr(slash + 1), static_cast<std::uint8_t>(128 - ahead));
  if (!bits)
    return std::nullopt;
  out.bits = static_cast<std::uint8_t>(ahead + *bits);
  return out;
}

} // namespace argosy::config
