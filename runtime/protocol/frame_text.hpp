// frame_text: fills a frame from the calling thread's scratch string. Internal to the dialects.
#pragma once

#include "runtime/core/frame.hpp"

#include <string>

namespace argosy {

/// The frame of what `fill(std::string&)` appends: one allocation, the frame's own. A scratch that
/// a rare giant has blown up is given back.
template <class Fill>
frame frame_of(opcode op, Fill&& fill) {
  constexpr std::size_t kept_bytes_max = 256 << 10;
  thread_local std::string scratch;
  scratch.clear();
  fill(scratch);
  frame result = frame::encode(op, scratch);
  if (scratch.capacity() > kept_bytes_max)
    std::string{}.swap(scratch);
  return result;
}

} // namespace argosy
