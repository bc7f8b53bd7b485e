// probe_seal: a probe as the bytes of one datagram, which only who has the cluster's secret can
// make.
//
//   "argp", u8 version 1, u8 kind (1 probe, 2 answer), u8 length of from, u8 length of to,
//   u64 incarnation of from, u64 of to, u64 sequence, u64 number,
//   name of from, name of to, the first 16 bytes of HMAC-SHA256 over all that
//
// Little endian. `number` counts what its sender has sent in this life, so that a copy is known for
// one (replay_window); the receiver's incarnation is in it, so that nothing said to an earlier life
// of the receiver counts. An answer is as long as its question: nobody gets more out than he puts
// in. Pure; allocates nothing of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace argosy::net {

inline constexpr std::size_t probe_head_bytes = 40;
inline constexpr std::size_t probe_mac_bytes = 16;
inline constexpr std::size_t probe_bytes_max = probe_head_bytes + 2 * 64 + probe_mac_bytes;

/// Names borrow from the datagram.
struct probe_words {
  std::string_view from;
  std::uint64_t from_incarnation = 0;
  std::string_view to;
  std::uint64_t to_incarnation = 0;
  bool answer = false;
  std::uint64_t sequence = 0;
  std::uint64_t number = 0;

  friend bool operator==(const probe_words&, const probe_words&) = default;
};

enum class probe_flaw : std::uint8_t {
  none,
  malformed, ///< no datagram of this version
  forged,    ///< not made with this cluster's secret
};

class probe_seal {
public:
  /// Keys of two clusters differ even if their secrets do not.
  probe_seal(std::string_view secret, std::string_view cluster);

  /// Both names are valid. The bytes written to `out`.
  std::size_t write(const probe_words& what, std::span<char, probe_bytes_max> out) const;

  [[nodiscard]] probe_flaw read(std::string_view datagram, probe_words& out) const;

private:
  using digest = std::array<unsigned char, 32>;
  digest mac_of(std::string_view bytes) const;

  digest key_{};
};

} // namespace argosy::net
