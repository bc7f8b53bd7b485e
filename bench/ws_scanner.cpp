#include "bench/ws_scanner.hpp"

namespace argosy::bench {

namespace {

constexpr std::uint64_t payload_max = 1U << 30;

bool opcode_known(std::uint8_t opcode) noexcept {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

void append_be(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;)
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

} // namespace

ws_scanner::header_state ws_scanner::take_header(std::string_view& bytes) noexcept {
  const auto take = [&](std::size_t wanted) {
    while (have_ < wanted && !bytes.empty()) {
      header_[have_++] = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
    }
    return have_ >= wanted;
  };
  if (!take(2))
    return header_state::partial;
  const auto opcode = static_cast<std::uint8_t>(header_[0] & 0x0F);
  const bool masked = (header_[1] & 0x80) != 0;
  const bool reserved_bits = (header_[0] & 0x70) != 0;
  if (masked || reserved_bits || !opcode_known(opcode))
    return header_state::broken;

  std::uint64_t length = header_[1] & 0x7F;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (!take(2 + extended))
    return header_state::partial;
  if (extended != 0) {
    length = 0;
    for (std::size_t i = 0; i < extended; ++i)
      length = length << 8 | header_[2 + i];
  }
  if (length > payload_max || (opcode >= 8 && extended != 0))
    return header_state::broken;
  left_ = static_cast<std::uint32_t>(length);
  have_ = 0;
  in_payload_ = true;
  return header_state::complete;
}

std::string client_frame(ws_opcode opcode, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 14);
  out.push_back(static_cast<char>(0x80 | static_cast<unsigned>(opcode)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out.push_back(static_cast<char>(0x80 | 126));
    append_be(out, payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(0xFF));
    append_be(out, payload.size(), 8);
  }
  out.append(4, '\0');
  out.append(payload);
  return out;
}

} // namespace argosy::bench
