// frame: one outbound WebSocket message, encoded once and shared by every queue that holds it.
//
// Picture a printed leaflet: it is printed once, and each letter box gets the same leaflet, not a
// copy. The bytes include the RFC 6455 header (servers do not mask, so they are the same for all
// receivers). A frame may carry a compressed twin (RFC 7692, no context takeover), chosen per
// connection at the moment of the write. Immutable after construction; the count is atomic, so
// frames cross threads freely.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace argosy {

/// RFC 6455 section 5.2 opcodes that a server sends.
enum class opcode : std::uint8_t { text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// A counted reference to immutable encoded bytes. 8 bytes; copying costs one relaxed increment.
class frame {
public:
  frame() noexcept = default;
  frame(const frame& other) noexcept : rep_(other.rep_) { retain(rep_); }
  frame(frame&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  frame& operator=(frame other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~frame() { release(rep_); }

  /// Encodes `payload` as one unfragmented message. One allocation of payload + at most 10 bytes of
  /// header.
  [[nodiscard]] static frame encode(opcode op, std::string_view payload);

  /// As `encode`, for a payload that is already raw-deflated and stripped of its 00 00 FF FF tail
  /// (sets RSV1).
  [[nodiscard]] static frame encode_deflated(opcode op, std::string_view payload);

  /// A close frame (RFC 6455 section 5.5.1). `reason` is cut to 123 bytes.
  [[nodiscard]] static frame encode_close(std::uint16_t code, std::string_view reason);

  /// Takes bytes that are already a whole frame, or raw bytes such as an HTTP response.
  [[nodiscard]] static frame copy_of(std::string_view wire_bytes);

  /// The same message with `twin` as its compressed form. Call before the frame is shared.
  [[nodiscard]] frame with_deflated(frame twin) &&;

  explicit operator bool() const noexcept { return rep_ != nullptr; }
  bool has_deflated() const noexcept { return rep_ != nullptr && rep_->deflated != nullptr; }

  /// What goes to the socket: the compressed twin if the peer negotiated it and there is one.
  std::string_view wire(bool deflated = false) const noexcept {
    if (rep_ == nullptr)
      return {};
    const rep* chosen = deflated && rep_->deflated != nullptr ? rep_->deflated : rep_;
    return {chosen->bytes(), chosen->size};
  }

  /// The message behind the header; only for a frame made by one of the encode functions.
  std::string_view payload() const noexcept;

  std::size_t size() const noexcept { return rep_ == nullptr ? 0 : rep_->size; }

private:
  struct rep {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t size = 0;
    rep* deflated = nullptr;
    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
    const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  };

  explicit frame(rep* adopted) noexcept : rep_(adopted) {}
  static rep* allocate(std::size_t bytes);
  static frame encode_with(std::uint8_t first_byte, std::string_view payload);
  static void retain(rep* r) noexcept {
    if (r != nullptr)
      r->references.fetch_add(1, std::memory_order_relaxed);
  }
  static void release(rep* r) noexcept {
    if (r != nullptr && r->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(r);
  }
  static void destroy(rep* r) noexcept;

  rep* rep_ = nullptr;
};

} // namespace argosy
