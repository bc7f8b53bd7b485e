// libFuzzer target: the first bytes of a connection from a proxy. They come in pieces of any size,
// so what is said of a beginning must hold for all that it can become.
#include "net/proxy_header.hpp"
#include "tests/fuzz/promise.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace {

using namespace argosy::net;
using argosy::test::promise;

bool same(const proxy_header& a, const proxy_header& b) {
  return a.what == b.what && a.size == b.size && a.client.has_value() == b.client.has_value()
         && (!a.client || std::memcmp(&*a.client, &*b.client, sizeof *a.client) == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using enum proxy_header::verdict;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  proxy_header so_far;
  for (std::size_t n = 0; n <= size && n <= proxy_header_bytes_max + 1; ++n) {
    const auto now = read_proxy_header(bytes.substr(0, n));
    if (so_far.what != need_more)
      promise(same(now, so_far), "a verdict stands, whatever follows");
    so_far = now;
  }
  const auto whole = read_proxy_header(bytes);
  promise(so_far.what == need_more || same(whole, so_far), "a verdict stands to the end");
  promise(whole.what != need_more || size < proxy_header_bytes_max,
          "a loop never holds more than a header");
  promise((whole.what == complete) == (whole.size > 0), "only a whole header has a size");
  promise(whole.size <= size && whole.size <= proxy_header_bytes_max, "a header has come whole");
  promise(!whole.client || whole.what == complete, "only a whole header names a client");
  return 0;
}
