// frame: the header of RFC 6455, the compressed twin, and who owns the bytes.
#include "runtime/core/frame.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using argosy::frame;
using argosy::opcode;

TEST_CASE("frame: the header has the length form that RFC 6455 section 5.2 asks for") {
  struct row {
    std::size_t payload;
    std::string header;
  };
  const std::vector<row> table{
      {0, {"\x81\x00", 2}},
      {1, {"\x81\x01", 2}},
      {125, {"\x81\x7D", 2}},
      {126, {"\x81\x7E\x00\x7E", 4}},
      {65535, {"\x81\x7E\xFF\xFF", 4}},
      {65536, {"\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10}},
  };
  for (const auto& r : table) {
    CAPTURE(r.payload);
    const std::string body(r.payload, 'x');
    const auto f = frame::encode(opcode::text, body);
    CHECK(f.size() == r.header.size() + r.payload);
    CHECK(f.wire().substr(0, r.header.size()) == r.header);
    CHECK(f.payload() == body);
  }
}

TEST_CASE("frame: the first byte says what it is") {
  CHECK(frame::encode(opcode::text, "a").wire()[0] == '\x81');
  CHECK(frame::encode(opcode::binary, "a").wire()[0] == '\x82');
  CHECK(frame::encode(opcode::ping, "").wire()[0] == '\x89');
  CHECK(frame::encode(opcode::pong, "").wire()[0] == '\x8A');
  CHECK(frame::encode_deflated(opcode::text, "a").wire()[0] == '\xC1');
  CHECK(frame::encode_deflated(opcode::binary, "a").wire()[0] == '\xC2');
}

TEST_CASE("frame: a close frame is code and reason, and never longer than a control frame may be") {
  CHECK(frame::encode_close(3008, "slow").wire() == "\x88\x06\x0B\xC0slow");
  CHECK(frame::encode_close(1000, "").payload() == "\x03\xE8");
  const auto longest = frame::encode_close(3000, std::string(500, 'r'));
  CHECK(longest.payload().size() == 125);
  CHECK(longest.size() == 127);
}

TEST_CASE("frame: the compressed twin is chosen by those who can read it") {
  const auto plain = frame::encode(opcode::text, "hello hello hello");
  CHECK_FALSE(plain.has_deflated());
  CHECK(plain.wire(true) == plain.wire(false));

  const auto twin = frame::encode_deflated(opcode::text, "\x01\x02");
  const auto both = frame::encode(opcode::text, "hello hello hello").with_deflated(twin);
  CHECK(both.has_deflated());
  CHECK(both.wire(false) == plain.wire());
  CHECK(both.wire(true) == twin.wire());
  CHECK(both.payload() == "hello hello hello");
}

TEST_CASE("frame: an empty one has no bytes, a copied one has the bytes as they came") {
  const frame none;
  CHECK_FALSE(none);
  CHECK(none.size() == 0);
  CHECK(none.wire().empty());
  CHECK(none.wire(true).empty());
  CHECK(none.payload().empty());
  CHECK(frame::copy_of("HTTP/1.1 200 OK\r\n\r\n").wire() == "HTTP/1.1 200 OK\r\n\r\n");
  CHECK(frame::copy_of("").size() == 0);
}

TEST_CASE("frame: all references share one copy, which outlives the first of them") {
  auto first = frame::encode(opcode::text, "shared").with_deflated(frame::copy_of("twin"));
  const auto second = first;
  CHECK(first.wire().data() == second.wire().data());
  auto& alias = first;
  first = alias;
  const auto third = std::move(first);
  CHECK_FALSE(first); // NOLINT(bugprone-use-after-move): a moved frame is empty
  CHECK(third.payload() == "shared");
  CHECK(second.wire(true) == "twin");
}
