#include "runtime/core/frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace argosy {

namespace {

constexpr std::uint8_t fin = 0x80;
constexpr std::uint8_t rsv1 = 0x40;
constexpr std::size_t close_reason_bytes_max = 123;

std::size_t header_size(std::size_t payload) noexcept {
  return payload < 126 ? 2 : payload < 65536 ? 4 : 10;
}

char* write_header(char* out, std::uint8_t first_byte, std::size_t payload) noexcept {
  auto put = [&out](std::size_t value) { *out++ = static_cast<char>(value & 0xFF); };
  put(first_byte);
  if (payload < 126) {
    put(payload);
  } else if (payload < 65536) {
    put(126);
    put(payload >> 8);
    put(payload);
  } else {
    put(127);
    for (int shift = 56; shift >= 0; shift -= 8)
      put(payload >> shift);
  }
  return out;
}

} // namespace

frame::rep* frame::allocate(std::size_t bytes) {
  void* memory = std::malloc(sizeof(rep) + bytes);
  if (memory == nullptr)
    throw std::bad_alloc{};
  auto* result = new (memory) rep;
  result->size = static_cast<std::uint32_t>(bytes);
  return result;
}

void frame::destroy(rep* r) noexcept {
  release(r->deflated);
  r->~rep();
  std::free(r);
}

frame frame::encode_with(std::uint8_t first_byte, std::string_view payload) {
  auto* r = allocate(header_size(payload.size()) + payload.size());
  char* body = write_header(r->bytes(), first_byte, payload.size());
  if (!payload.empty())
    std::memcpy(body, payload.data(), payload.size());
  return frame{r};
}

frame frame::encode(opcode op, std::string_view payload) {
  return encode_with(static_cast<std::uint8_t>(fin | static_cast<std::uint8_t>(op)), payload);
}

frame frame::encode_deflated(opcode op, std::string_view payload) {
  return encode_with(static_cast<std::uint8_t>(fin | rsv1 | static_cast<std::uint8_t>(op)),
                     payload);
}

frame frame::encode_close(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += reason.substr(0, std::min(reason.size(), close_reason_bytes_max));
  return encode(opcode::close, payload);
}

std::string_view frame::payload() const noexcept {
  const auto bytes = wire();
  if (bytes.size() < 2)
    return {};
  const auto length = static_cast<unsigned char>(bytes[1]) & 0x7FU;
  return bytes.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

frame frame::copy_of(std::string_view wire_bytes) {
  auto* r = allocate(wire_bytes.size());
  if (!wire_bytes.empty())
    std::memcpy(r->bytes(), wire_bytes.data(), wire_bytes.size());
  return frame{r};
}

frame frame::with_deflated(frame twin) && {
  std::swap(rep_->deflated, twin.rep_);
  return std::move(*this);
}

} // namespace argosy
