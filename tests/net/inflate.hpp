// inflate: the receiving end of RFC 7692, for tests.
#pragma once

#include "tests/net/client.hpp"

#include <stdexcept>
#include <string>
#include <zlib.h>

namespace argosy::test {

/// What a client makes of the payload of a compressed message (RFC 7692 section 7.2.2).
inline std::string inflate_message(std::string payload) {
  payload.append("\x00\x00\xFF\xFF", 4);
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK)
    throw std::runtime_error{"inflateInit2"};
  stream.next_in = reinterpret_cast<Bytef*>(payload.data());
  stream.avail_in = static_cast<uInt>(payload.size());
  std::string out;
  char block[4096];
  int result = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    result = inflate(&stream, Z_SYNC_FLUSH);
    out.append(block, sizeof block - stream.avail_out);
  } while (result == Z_OK && stream.avail_out == 0);
  inflateEnd(&stream);
  if (result != Z_OK && result != Z_BUF_ERROR)
    throw std::runtime_error{"inflate failed"};
  return out;
}

/// The message in a frame, compressed or not.
inline std::string message_of(const received_frame& f) {
  return f.compressed ? inflate_message(f.payload) : f.payload;
}

} // namespace argosy::test
