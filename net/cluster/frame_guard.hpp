// frame_guard: watches the lengths that a peer announces in its BASP headers.
//
// BASP allocates whatever a header announces, up to 4 GiB, before a byte of it has come. The guard
// stands in front of it and refuses the header instead. It knows of BASP only that a frame is a
// head of 32 bytes with the length of the rest as a big-endian number at offset 4
// (caf/io/basp/header.hpp; checked against CAF by a test). Pure, O(1) a chunk and frame.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace argosy::net {

class frame_guard {
public:
  static constexpr std::size_t head_bytes = 32;

  explicit frame_guard(std::size_t frame_bytes_max) noexcept : max_(frame_bytes_max) {}

  /// False once a frame is longer than allowed: nothing of `chunk` may go on.
  [[nodiscard]] bool admit(std::string_view chunk) noexcept {
    while (!chunk.empty()) {
      if (skip_ > 0) {
        const auto part = std::min(skip_, chunk.size());
        skip_ -= part;
        chunk.remove_prefix(part);
        continue;
      }
      if (at_ >= 4 && at_ < 8)
        length_ = length_ << 8U | static_cast<unsigned char>(chunk.front());
      chunk.remove_prefix(1);
      if (++at_ < head_bytes)
        continue;
      if (length_ > max_)
        return false;
      skip_ = static_cast<std::size_t>(length_);
      at_ = 0;
      length_ = 0;
    }
    return true;
  }

private:
  std::size_t max_;
  std::size_t at_ = 0;   ///< how much of the head has passed
  std::size_t skip_ = 0; ///< how much of the rest is still to come
  std::uint64_t length_ = 0;
};

} // namespace argosy::net
