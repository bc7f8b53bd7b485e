#include "runtime/deflate.hpp"

#include <new>
#include <zlib.h>

namespace argosy {

namespace {

constexpr int raw_window_bits = -15; // negative: no zlib header
constexpr int memory_level = 8;
constexpr std::size_t tail_bytes = 4; // 00 00 FF FF
constexpr std::size_t flush_bytes_max = 16;

class compressor {
public:
  compressor() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY)
        != Z_OK)
      throw std::bad_alloc{};
  }
  ~compressor() { deflateEnd(&stream_); }
  compressor(const compressor&) = delete;
  compressor& operator=(const compressor&) = delete;

  std::string compress(std::string_view payload) {
    deflateReset(&stream_);
    std::string out(deflateBound(&stream_, payload.size()) + flush_bytes_max, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
    stream_.avail_in = static_cast<uInt>(payload.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out - tail_bytes);
    // An empty message is one empty stored block (RFC 7692 section 7.2.3.6).
    if (payload.empty())
      out.assign(1, '\0');
    return out;
  }

private:
  z_stream stream_{};
};

} // namespace

std::string deflate_message(std::string_view payload) {
  thread_local compressor shared;
  return shared.compress(payload);
}

} // namespace argosy
