// Address ranges: what is one, and who is in it.
#include "runtime/config/parse_range.hpp"

#include <doctest/doctest.h>

#include <string_view>

using argosy::config::parse_range;

namespace {

bool holds(std::string_view range, std::string_view address) {
  return parse_range(range).value().contains(parse_range(address).value().prefix);
}

} // namespace

TEST_CASE("address_range: holds what begins with its bits, and nothing else") {
  CHECK(holds("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
  CHECK(holds("10.9.8.7/8", "10.0.0.1"));
  CHECK(holds("192.0.2.128/25", "192.0.2.255"));
  CHECK_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  CHECK(holds("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(holds("192.0.2.7", "192.0.2.6"));
  CHECK(holds("192.0.2.6/31", "192.0.2.7"));
  CHECK(holds("0.0.0.0/0", "203.0.113.9"));
  CHECK(holds("fd00::/8", "fdff::1"));
  CHECK_FALSE(holds("fd00::/8", "fc00::1"));
  CHECK(holds("::1", "::1"));
  CHECK_FALSE(holds("::1", "::2"));
}

TEST_CASE("address_range: IPv4 addresses are those that IPv6 maps") {
  CHECK(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
  CHECK(holds("::/0", "192.0.2.9"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  CHECK(parse_range("::ffff:192.0.2.0/120") == parse_range("192.0.2.0/24"));
}

TEST_CASE("address_range: what is no range is none") {
  for (const auto* text : {"", "/", "/8", "host", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                           "10.0.0.0/+8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8/8", "10.0.0",
                           "10.0.0.256", "::/129", "::/256", "[::1]", "::1%lo", "10.0.0.0/0x8"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_range(text).has_value());
  }
}
