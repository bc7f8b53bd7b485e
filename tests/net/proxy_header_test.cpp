// The PROXY header as bytes: what is one, what is none, and that cuts and mutations only ever make
// the one from the other.
#include "net/listener.hpp"
#include "net/proxy_header.hpp"
#include "tests/net/proxy_bytes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::test {

namespace {

using net::read_proxy_header;
using enum net::proxy_header::verdict;

/// "" where the proxy's own address stands.
std::string client_in(std::string_view bytes) {
  const auto read = read_proxy_header(bytes);
  REQUIRE(read.what == complete);
  return read.client ? net::text_of(*read.client) : std::string{};
}

const std::string tcp4{"\xC0\x00\x02\x07\x0A\x00\x00\x01\xDC\x04\x01\xBB", 12};
const std::string tcp6 = std::string{"\x20\x01\x0D\xB8", 4} + std::string(11, '\0') + '\x07'
                         + std::string(15, '\0') + '\x01' + tcp4.substr(8);

const std::vector<std::string> good{
    "PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n",
    "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
    "PROXY TCP6 2001:db8::7 ::1 0 1\r\n",
    "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
    "65535 65535\r\n",
    "PROXY UNKNOWN\r\n",
    "PROXY UNKNOWN whatever it says here\r\n",
    proxy_v2(0x21, 0x11, tcp4),
    proxy_v2(0x21, 0x21, tcp6),
    proxy_v2(0x21, 0x11, tcp4 + std::string{"\x04\x00\x03\x00\x00\x00", 6}),
    proxy_v2(0x20, 0x00, ""),
    proxy_v2(0x20, 0x11, tcp4),
    proxy_v2(0x21, 0x00, "ignored"),
    proxy_v2(0x21, 0x31, std::string(216, 'u')),
    proxy_v2(0x21, 0x11, tcp4 + std::string(508, 't')),
};

} // namespace

TEST_CASE("proxy_header: names the client in both versions") {
  CHECK(client_in("PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\nGET / HTTP/1.1") == "192.0.2.7");
  CHECK(client_in("PROXY TCP6 2001:db8::7 ::1 56324 443\r\n") == "2001:db8::7");
  CHECK(client_in("PROXY TCP6 ::ffff:192.0.2.7 ::1 56324 443\r\n") == "192.0.2.7");
  CHECK(client_in(proxy_v2(0x21, 0x11, tcp4)) == "192.0.2.7");
  CHECK(client_in(proxy_v2(0x21, 0x21, tcp6)) == "2001:db8::7");
}

TEST_CASE("proxy_header: skips the extensions of version 2, up to a bound") {
  const auto with = [](std::size_t bytes) {
    return read_proxy_header(proxy_v2(0x21, 0x11, tcp4 + std::string(bytes, 't')));
  };
  CHECK(with(508).what == complete);
  CHECK(with(508).size == net::proxy_header_bytes_max);
  CHECK(with(509).what == malformed);
}

TEST_CASE("proxy_header: a proxy that speaks for itself, or does not know, keeps its address") {
  for (const auto& bytes :
       {std::string{"PROXY UNKNOWN\r\n"}, std::string{"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"},
        proxy_v2(0x20, 0x00, ""), proxy_v2(0x20, 0x11, tcp4), proxy_v2(0x20, 0xFF, "?"),
        proxy_v2(0x21, 0x00, ""), proxy_v2(0x21, 0x31, std::string(216, 'u'))})
    CHECK(client_in(bytes) == "");
}

TEST_CASE("proxy_header: whole at its last byte, and no sooner") {
  for (const auto& bytes : good) {
    CAPTURE(bytes);
    for (std::size_t n = 0; n < bytes.size(); ++n)
      REQUIRE(read_proxy_header(std::string_view{bytes}.substr(0, n)).what == need_more);
    CHECK(read_proxy_header(bytes).what == complete);
    CHECK(read_proxy_header(bytes + "GET / HTTP/1.1\r\n").size == bytes.size());
    CHECK(bytes.size() <= net::proxy_header_bytes_max);
  }
}

TEST_CASE("proxy_header: what is none is told at once") {
  for (const auto& bytes :
       std::vector<std::string>{"G",
                                "GET / HTTP/1.1\r\n\r\n",
                                "PROXZ",
                                "proxy TCP4",
                                "\x16\x03\x01",
                                "\r\n\r\n\r",
                                "PROXY \r\n",
                                "PROXY TCP4\r\n",
                                "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
                                "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
                                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n\r\n",
                                "PROXY TCP4 ::1 ::1 1 2\r\n",
                                "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
                                "PROXY TCP4 1.2.3.4 host 1 2\r\n",
                                "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
                                std::string{"PROXY TCP4 1.2.3.4\0x 1.2.3.4 1 2\r\n", 35},
                                "PROXY UNKNOWNS\r\n",
                                "PROXY UNKNOWN" + std::string(107, ' '),
                                proxy_v2(0x11, 0x11, tcp4),
                                proxy_v2(0x22, 0x11, tcp4),
                                proxy_v2(0x21, 0x11, tcp4.substr(1)),
                                proxy_v2(0x21, 0x21, tcp4),
                                proxy_v2(0x21, 0x12, tcp4),
                                proxy_v2(0x21, 0x10, tcp4),
                                proxy_v2(0x21, 0x41, tcp6),
                                proxy_v2(0x21, 0x31, tcp6)}) {
    CAPTURE(bytes);
    CHECK(read_proxy_header(bytes).what == malformed);
  }
}

TEST_CASE(
    "proxy_header: mutations and noise stay within bounds, and more bytes change no verdict") {
  for (unsigned seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto bytes = good[random() % good.size()];
    for (auto n = random() % 4; n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0)
      bytes.erase(random() % bytes.size(), random() % 8);
    if (random() % 4 == 0)
      bytes.insert(random() % (bytes.size() + 1), std::string(random() % 600, ' '));
    const auto whole = read_proxy_header(bytes);
    if (whole.what == complete)
      REQUIRE(whole.size <= std::min(bytes.size(), net::proxy_header_bytes_max));
    if (bytes.size() >= net::proxy_header_bytes_max)
      REQUIRE(whole.what != need_more);
    bool decided = false;
    for (std::size_t n = 0; n <= bytes.size(); ++n) {
      const auto part = read_proxy_header(std::string_view{bytes}.substr(0, n));
      REQUIRE((!decided || part.what == whole.what));
      decided = decided || part.what != need_more;
      if (part.what != need_more)
        REQUIRE(part.what == whole.what);
      if (part.what == complete)
        REQUIRE(part.size == whole.size);
    }
  }
}

} // namespace argosy::test
