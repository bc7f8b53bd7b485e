// stable_hash: a hash that every node and build computes alike, for what a cluster must agree on
// without asking. FNV-1a 64, finalised as splitmix64 does, like address::hash.
#pragma once

#include <cstdint>
#include <string_view>

namespace argosy::cluster {

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection that spreads every bit.
constexpr std::uint64_t mixed(std::uint64_t h) noexcept {
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9U;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBU;
  return h ^ (h >> 31);
}

constexpr std::uint64_t stable_hash(std::string_view text) noexcept {
  std::uint64_t h = 0xCBF29CE484222325U;
  for (const char c : text)
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return mixed(h);
}

/// What two values say together; the order of the two matters.
constexpr std::uint64_t stable_hash(std::uint64_t a, std::uint64_t b) noexcept {
  return mixed(mixed(a) + 0x9E3779B97F4A7C15U + b);
}

} // namespace argosy::cluster
