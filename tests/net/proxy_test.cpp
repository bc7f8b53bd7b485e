// A proxy in front of the server, which says for whom it speaks; and strangers who only say so.
#include "tests/net/fixture.hpp"
#include "tests/net/proxy_bytes.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace argosy::test {

namespace {

constexpr std::string_view line = "PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n";
const std::string binary =
    proxy_v2(0x21, 0x11, {"\xC0\x00\x02\x07\x0A\x00\x00\x01\xDC\x04\x01\xBB", 12});
constexpr std::string_view path = "/connection/websocket";

/// 127.0.0.0/8, or 10.0.0.0/8.
address_range all_that_begins_with(std::uint8_t first) {
  address_range out;
  out.prefix[10] = out.prefix[11] = 0xFF;
  out.prefix[12] = first;
  out.bits = 104;
  return out;
}

struct proxied_fixture : serving_fixture {
  proxied_fixture() { s.proxies = {all_that_begins_with(10), all_that_begins_with(127)}; }

  std::uint64_t rejected(net::reject_reason why) const {
    return server->stats(0).rejected[static_cast<std::size_t>(why)].value();
  }
};

} // namespace

TEST_CASE_FIXTURE(proxied_fixture,
                  "proxy: the client that the header names is the one that counts") {
  std::string judged;
  gateway.on_judge = [&](const upgrade_request& request) {
    judged = request.peer_address;
    return socket_gateway::verdict{};
  };
  std::string header;
  SUBCASE("version 1") {
    header = line;
  }
  SUBCASE("version 2") {
    header = binary;
  }
  auto c = std::make_unique<client>(started().port());
  c->send(header + upgrade_text(path));
  REQUIRE(c->read_answer().status == 101);
  CHECK(judged == "192.0.2.7");
  CHECK(gateway.asked.lines() == std::vector<std::string>{"192.0.2.7"});
  const auto seat = gateway.at(0);
  std::string seen;
  on_loop(*seat.loop, [&] { seen = seat.loop->peer_address(seat.socket); });
  CHECK(seen == "192.0.2.7");
  c.reset();
  CHECK(gateway.log.wait_for("left 192.0.2.7"));
  CHECK(gateway.balance() == 0);
}

TEST_CASE_FIXTURE(proxied_fixture, "proxy: a header may come byte by byte") {
  started();
  for (const auto& header : {std::string{line}, binary}) {
    client c{server->port()};
    for (const char byte : header)
      c.send({&byte, 1});
    c.upgrade();
    c.send_text("hello");
    CHECK(c.next()->payload == "hello");
  }
}

TEST_CASE_FIXTURE(proxied_fixture, "proxy: speaks for itself when it looks whether we are well") {
  client c{started().port()};
  c.send(proxy_v2(0x20, 0x00, "") + "GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(c.read_answer().status == 200);
  CHECK(gateway.asked.lines() == std::vector<std::string>{"127.0.0.1"});
}

TEST_CASE_FIXTURE(proxied_fixture, "proxy: one that does not say whom it carries is turned away") {
  started();
  SUBCASE("a request") {
    client c{server->port()};
    c.send(upgrade_text(path));
    CHECK(c.read_answer().status == 400);
    CHECK(c.sees_end());
    CHECK(rejected(net::reject_reason::proxy_header) == 1);
  }
  SUBCASE("half a header and the end") {
    client c{server->port()};
    c.send(binary.substr(0, 20));
    c.shut_down_writing();
    CHECK(c.sees_end());
  }
  SUBCASE("an address that is none") {
    client c{server->port()};
    c.send("PROXY TCP4 192.0.2.777 10.0.0.1 1 2\r\n" + upgrade_text(path));
    CHECK(c.read_answer().status == 400);
  }
  CHECK(eventually([&] { return server->stats(0).open_sockets.value() == 0; }));
  CHECK(gateway.asked.lines().empty());
  CHECK(gateway.log.lines().empty());
  CHECK(server->stats(0).handshaking.value() == 0);
}

TEST_CASE_FIXTURE(proxied_fixture, "proxy: the header has the time of the handshake, and no more") {
  s.handshake_deadline = std::chrono::milliseconds{200};
  client silent{started().port()};
  client slow{server->port()};
  slow.send(line.substr(0, 20));
  CHECK(silent.sees_end());
  CHECK(slow.sees_end());
  CHECK(server->stats(0).deadlines.value() == 2);
}

TEST_CASE_FIXTURE(proxied_fixture, "proxy: the gateway turns a client away, not its proxy") {
  gateway.on_enter = [] { return false; };
  client c{started().port()};
  c.send(std::string{line} + upgrade_text(path));
  CHECK(c.read_answer().status == 503);
  CHECK(c.sees_end());
  CHECK(rejected(net::reject_reason::gateway) == 1);
  CHECK(eventually([&] { return server->stats(0).open_sockets.value() == 0; }));
  CHECK(gateway.log.lines().empty());
}

TEST_CASE_FIXTURE(serving_fixture, "proxy: a header from anywhere else is no HTTP") {
  SUBCASE("there are no proxies") {
  }
  SUBCASE("proxies are elsewhere") {
    s.proxies = {all_that_begins_with(10)};
  }
  started();
  for (const auto& header : {std::string{line}, binary}) {
    client c{server->port()};
    c.send(header + upgrade_text(path));
    CHECK(c.read_answer().status == 400);
    CHECK(c.sees_end());
  }
  CHECK(gateway.asked.count("192.0.2.7") == 0);
  client c{server->port()};
  c.upgrade(path);
}

TEST_CASE_FIXTURE(proxied_fixture, "proxy: the header comes before TLS") {
  const temporary_certificate certificate;
  s.endpoints = {{"127.0.0.1", 0, true}};
  s.tls_certificate_file = certificate.certificate_file();
  s.tls_key_file = certificate.key_file();
  started();
  SUBCASE("with it") {
    client c{server->port()};
    c.send(binary);
    c.start_tls();
    c.upgrade();
    c.send_text("hello");
    CHECK(c.next()->payload == "hello");
    CHECK(gateway.asked.lines() == std::vector<std::string>{"192.0.2.7"});
  }
  SUBCASE("without it") {
    client c{server->port()};
    CHECK_THROWS(c.start_tls());
    CHECK(eventually([&] { return rejected(net::reject_reason::proxy_header) == 1; }));
    CHECK(gateway.asked.lines().empty());
  }
}

} // namespace argosy::test
