// libFuzzer target: the bytes of an HTTP connection before it is a WebSocket.
//
// The first byte says how the rest is cut into reads. Whatever the cut, what is read must be that
// of a single read, or the connection ends with a refusal: a request smuggled in by timing alone
// would show here. Only a refusal may depend on the cut: a trailer that comes in one read is over
// before anybody asks how much of it has to wait.
#include "net/http_exchange.hpp"
#include "tests/fuzz/promise.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace argosy::net;
using argosy::test::promise;
using verdict = http_exchange::verdict;

struct reading {
  verdict what = verdict::need_more;
  std::string target;
  std::string body;
  std::string leftover;
  friend bool operator==(const reading&, const reading&) = default;
};

bool refused(verdict v) {
  return v == verdict::malformed || v == verdict::header_too_large || v == verdict::body_too_large;
}

settings small_limits() {
  settings s;
  s.header_bytes_max = 1024;
  s.body_bytes_max = 2048;
  s.echo = true;
  return s;
}

reading read(std::string_view bytes, std::size_t piece) {
  static const auto limits = small_limits();
  http_exchange exchange{limits};
  reading out;
  while (!bytes.empty()) {
    const auto now = bytes.substr(0, piece);
    bytes.remove_prefix(now.size());
    out.what = exchange.feed(now);
    if (out.what == verdict::need_more_say_continue)
      out.what = verdict::need_more;
    if (out.what != verdict::need_more)
      break;
  }
  if (out.what == verdict::upgrade) {
    const auto target = exchange.upgrade().target();
    out.target.assign(target.data(), target.size());
    out.leftover = exchange.leftover();
    out.leftover += bytes;
  } else if (out.what == verdict::complete) {
    out.leftover = exchange.leftover();
    out.leftover += bytes;
    auto request = exchange.take_request("192.0.2.1");
    for (const auto& [name, value] : request.headers)
      promise(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; })
                  && value.find('\n') == std::string::npos,
              "a header's name is in lower case and its value on one line");
    promise(request.body.size() <= limits.body_bytes_max, "a body is bounded");
    out.target = std::move(request.target);
    out.body = std::move(request.body);
  }
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t piece = 1 + data[0] % 64;
  const auto whole = read(bytes, bytes.size());
  const auto cut = read(bytes, piece);
  promise(whole == cut || refused(cut.what), "how the bytes are cut does not matter");
  promise(!refused(whole.what) || refused(cut.what), "a refusal does not depend on large reads");
  return 0;
}
