#include "runtime/deflated_twin.hpp"

#include "runtime/deflate.hpp"

#include <utility>

namespace argosy {

namespace {

/// Below this the header of deflate eats the gain.
constexpr std::size_t payload_bytes_min = 64;

} // namespace

frame with_deflated_twin(frame f) {
  const auto payload = f.payload();
  if (payload.size() < payload_bytes_min)
    return f;
  const auto op = static_cast<opcode>(f.wire().front() & 0x0F);
  auto twin = frame::encode_deflated(op, deflate_message(payload));
  return std::move(f).with_deflated(std::move(twin));
}

} // namespace argosy
