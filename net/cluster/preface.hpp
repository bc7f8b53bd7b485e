// preface: what two nodes tell each other on a fresh stream, before any byte of BASP.
//
// The dialling side says `hello`, the other answers with its own. Then the node with the greater
// name tells which stream to the other it holds already (`stream_token`, zeros = none), and the
// node with the smaller name decides (`verdict`, one byte). One side must decide: two nodes that
// dial each other at once would otherwise end both streams as duplicates, again and again.
//
//   hello   = "argosy" 0 1, u8 length of the rest, u8 length, cluster, u8 length, node,
//             16 bytes instance, 16 bytes token
//
// Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::net {

/// The life of a node that speaks, random.
using instance_id = std::array<char, 16>;
/// Names one stream; chosen at random by the side that dials, so nobody else can name it.
using stream_token = std::array<char, 16>;

struct hello {
  std::string cluster;
  std::string node;
  instance_id instance{};
  stream_token token{}; ///< the dialling side's counts

  friend bool operator==(const hello&, const hello&) = default;
};

inline constexpr std::size_t hello_head_bytes = 9;

/// Requires valid names (at most 64 bytes each).
std::string encode(const hello& h);

/// The length of what follows the first `hello_head_bytes`; nothing if this is no hello.
std::optional<std::size_t> hello_rest_bytes(std::string_view head) noexcept;

/// Nothing unless `rest` is whole and both names are valid.
std::optional<hello> decode_hello(std::string_view rest);

enum class verdict : std::uint8_t {
  go = 'g',
  duplicate = 'd', ///< both sides have a stream that works
  opening = 'o',   ///< another stream is being opened; it shall not be disturbed
  clash = 'c',     ///< another node of that name is connected
};

std::optional<verdict> to_verdict(char c) noexcept;

} // namespace argosy::net
