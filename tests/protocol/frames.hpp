// frames: looks inside an encoded frame.
#pragma once

#include "runtime/core/frame.hpp"

#include <string>
#include <string_view>

namespace argosy::test {

/// The payload behind the RFC 6455 header.
inline std::string_view payload_of(const frame& f) {
  const std::string_view wire = f.wire();
  const auto length = static_cast<unsigned char>(wire.at(1));
  return wire.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

inline opcode opcode_of(const frame& f) {
  return static_cast<opcode>(static_cast<unsigned char>(f.wire().at(0)) & 0x0F);
}

} // namespace argosy::test
