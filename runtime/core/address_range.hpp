// address_range: the IP addresses that begin with the same bits, such as 10.0.0.0/8.
//
// All are IPv6 addresses; an IPv4 one is the IPv6 address that maps it (RFC 4291, 2.5.5.2), so ::/0
// holds everybody. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace argosy {

/// In network order, as in6_addr holds it.
using ip_bytes = std::array<std::uint8_t, 16>;

struct address_range {
  ip_bytes prefix{};
  std::uint8_t bits = 128; ///< of `prefix` that count, at most 128

  bool contains(const ip_bytes& address) const noexcept {
    const std::size_t whole = bits / 8U;
    for (std::size_t i = 0; i < whole; ++i)
      if (address[i] != prefix[i])
        return false;
    const auto rest = bits % 8U;
    return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8U - rest)) == 0;
  }

  friend bool operator==(const address_range&, const address_range&) = default;
};

} // namespace argosy
