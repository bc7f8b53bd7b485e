#include "runtime/deflate.hpp"
#include "tests/net/fixture.hpp"
#include "tests/net/inflate.hpp"

#include <doctest/doctest.h>

#include <random>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";
constexpr std::string_view offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

struct deflate_fixture {
  recording_gateway gateway;
  net::settings s = test_settings();
  std::unique_ptr<net::server> server;

  deflate_fixture() { s.compression = true; }

  net::server& started() {
    server = std::make_unique<net::server>(s, gateway);
    const auto error = server->start();
    REQUIRE(error == "");
    return *server;
  }
};

std::string prose(std::size_t size) {
  std::string s;
  while (s.size() < size)
    s += "the quick brown fox jumps over a lazy dog, then over another; ";
  return s.substr(0, size);
}

} // namespace

TEST_CASE("deflate: every message comes back from raw inflate, each on its own") {
  std::mt19937 random{3};
  for (const std::size_t size : {0UL, 1UL, 100UL, 5000UL, 200'000UL}) {
    const auto text = prose(size);
    CHECK((inflate_message(deflate_message(text)) == text));
    std::string noise(size, '\0');
    for (auto& c : noise)
      c = static_cast<char>(random());
    CHECK((inflate_message(deflate_message(noise)) == noise));
  }
  CHECK(deflate_message(prose(2000)).size() < 150);
  CHECK(deflate_message(prose(2000)) == deflate_message(prose(2000)));
}

TEST_CASE_FIXTURE(
    deflate_fixture,
    "deflate: is negotiated without context takeover, counted, and used where it was") {
  client compressed{started().port()};
  const auto header = compressed.upgrade(path, offer);
  CHECK(header.find("permessage-deflate; server_no_context_takeover; client_no_context_takeover")
        != std::string::npos);
  client plain{server->port()};
  CHECK(plain.upgrade(path).find("permessage-deflate") == std::string::npos);
  const auto a = gateway.at(0);
  const auto b = gateway.at(1);
  CHECK(server->deflate_connections() == 1);
  const auto text = prose(2000);
  const auto f = frame::encode(opcode::text, text)
                     .with_deflated(frame::encode_deflated(opcode::text, deflate_message(text)));
  for (int i = 0; i < 3; ++i)
    on_loop(*a.loop, [&] {
      a.loop->send(a.socket, lane::event, f);
      b.loop->send(b.socket, lane::event, f);
      a.loop->send(a.socket, lane::event, frame::encode(opcode::text, "no twin"));
    });
  for (int i = 0; i < 3; ++i) {
    const auto got = compressed.next();
    REQUIRE(got);
    CHECK(got->compressed);
    CHECK(got->payload.size() < 150);
    CHECK(inflate_message(got->payload) == text);
    CHECK(compressed.next()->payload == "no twin");
    CHECK(plain.next()->payload == text);
  }
  compressed.send(client_close(1000));
  CHECK(compressed.close_code() == 1000);
  REQUIRE(gateway.log.wait_for("closed 1000 by peer"));
  CHECK(server->deflate_connections() == 0);
}

TEST_CASE_FIXTURE(deflate_fixture,
                  "deflate: is declined when it is off, or when the peer wants a small window") {
  started();
  client small{server->port()};
  CHECK(small
            .upgrade(path, "Sec-WebSocket-Extensions: permessage-deflate; "
                           "server_max_window_bits=10\r\n")
            .find("permessage-deflate")
        == std::string::npos);
  server->stop();
  s.compression = false;
  client off{started().port()};
  CHECK(off.upgrade(path, offer).find("permessage-deflate") == std::string::npos);
}

// Clients list what they like best first (RFC 7692 section 5.1); an offer that we cannot take does
// not spoil the next one.
TEST_CASE_FIXTURE(deflate_fixture, "deflate: the first offer with a full window is taken") {
  client c{started().port()};
  const auto answer = c.upgrade(
      "/echo", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
               "server_max_window_bits=9, permessage-deflate; server_max_window_bits, "
               "permessage-deflate; client_max_window_bits, permessage-deflate\r\n");
  CHECK(answer.find("permessage-deflate") != std::string::npos);
  CHECK(answer.find("server_max_window_bits") == std::string::npos);
  c.send(client_frame(1, deflate_message("fine"), true, true, true));
  const auto echo = c.next();
  CHECK(echo->compressed);
  CHECK(message_of(*echo) == "fine");
}

TEST_CASE_FIXTURE(deflate_fixture, "deflate: the full window may be named explicitly") {
  client c{started().port()};
  CHECK(c.upgrade(path, "Sec-WebSocket-Extensions: permessage-deflate; "
                        "server_max_window_bits=15; client_max_window_bits\r\n")
            .find("permessage-deflate")
        != std::string::npos);
}

TEST_CASE_FIXTURE(
    deflate_fixture,
    "deflate: compressed messages are inflated, whole and in fragments, mixed with plain ones") {
  client c{started().port()};
  c.upgrade("/echo", offer);
  for (const std::size_t size : {0UL, 10UL, 3000UL, 60'000UL}) {
    const auto text = prose(size);
    const auto packed = deflate_message(text);
    c.send(client_frame(1, packed, true, true, true));
    CHECK((message_of(*c.next()) == text));
    c.send(client_frame(1, packed.substr(0, packed.size() / 2), false, true, true)
           + client_frame(9, "") + client_frame(0, packed.substr(packed.size() / 2)));
    CHECK(c.next()->opcode == 10);
    CHECK((message_of(*c.next()) == text));
    c.send_text(text);
    CHECK((message_of(*c.next()) == text));
  }
}

TEST_CASE_FIXTURE(deflate_fixture, "deflate: the limit counts inflated bytes") {
  client c{started().port()};
  c.upgrade(path, offer);
  c.send(client_frame(1, deflate_message(std::string(10 << 20, 'z')), true, true, true));
  CHECK(c.close_code() == 1009);
}

TEST_CASE_FIXTURE(
    deflate_fixture,
    "deflate: bytes that are no deflate stream, or hide bad UTF-8, end that socket only") {
  client bad{started().port()};
  bad.upgrade(path, offer);
  bad.send(client_frame(2, std::string(50, '\xFF'), true, true, true));
  CHECK(bad.sees_end());
  client latin{server->port()};
  latin.upgrade(path, offer);
  latin.send(client_frame(1, deflate_message("caf\xE9"), true, true, true));
  CHECK(latin.close_code() == 1007);
  client good{server->port()};
  good.upgrade("/echo", offer);
  good.send(client_frame(1, deflate_message("fine"), true, true, true));
  CHECK(message_of(*good.next()) == "fine");
}

// A stream that negotiated a small client window must never serve a peer that may use the full one.
TEST_CASE_FIXTURE(deflate_fixture,
                  "deflate: window sizes do not leak between peers through the pool") {
  started();
  client narrow{server->port()};
  narrow.upgrade("/echo",
                 "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\n");
  narrow.send(client_frame(1, deflate_message("small"), true, true, true));
  CHECK(message_of(*narrow.next()) == "small");
  client wide{server->port()};
  wide.upgrade("/echo", offer);
  std::mt19937 random{11};
  std::string noise(20'000, '\0');
  for (auto& c : noise)
    c = static_cast<char>(random());
  const auto far_reference = noise + noise; // needs a window beyond 512 bytes
  wide.send(client_frame(2, deflate_message(far_reference), true, true, true));
  CHECK((message_of(*wide.next()) == far_reference));
}

} // namespace argosy::test
