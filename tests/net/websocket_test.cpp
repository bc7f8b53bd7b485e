#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";

std::string pattern(std::size_t size) {
  std::string s(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    s[i] = static_cast<char>('a' + (i * 7 + size) % 26);
  return s;
}

} // namespace

TEST_CASE("websocket: an upgrade is answered as RFC 6455 says and opens a handler") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  const auto header = c.upgrade(path);
  CHECK(header.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
  CHECK(header.find("Sec-WebSocket-Extensions") == std::string::npos);
  CHECK(gateway.log.wait_for("open /connection/websocket"));
}

TEST_CASE("websocket: the gateway chooses the subprotocol and sees the request") {
  recording_gateway gateway;
  std::string seen;
  gateway.on_judge = [&](const upgrade_request& r) {
    seen = std::string{r.target} + "|" + std::string{r.origin} + "|" + std::string{r.subprotocols}
           + "|" + std::string{r.peer_address};
    return socket_gateway::verdict{true, "beta", {}};
  };
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  const auto header = c.upgrade("/connection/websocket?x=1",
                                "Origin: http://here\r\nSec-WebSocket-Protocol: alpha, beta\r\n");
  CHECK(header.find("Sec-WebSocket-Protocol: beta\r\n") != std::string::npos);
  CHECK(seen == "/connection/websocket?x=1|http://here|alpha, beta|127.0.0.1");
}

TEST_CASE("websocket: a refused upgrade carries status, sentence and Retry-After") {
  recording_gateway gateway;
  gateway.on_judge = [](const upgrade_request&) {
    return socket_gateway::verdict{false, "", {403, "Not from there.", 7}};
  };
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  c.send(upgrade_text(path));
  const auto answer = c.read_answer();
  CHECK(answer.status == 403);
  CHECK(answer.body == "Not from there.\n");
  CHECK(answer.header.find("Retry-After: 7\r\n") != std::string::npos);
  CHECK(c.sees_end());
  c.reset();
  CHECK(gateway.log.wait_for("left 127.0.0.1"));
}

TEST_CASE("websocket: an upgrade without a key is a bad request") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  c.send("GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
         "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n");
  CHECK(c.read_answer().status == 400);
  CHECK(c.sees_end());
}

TEST_CASE("websocket: text and binary messages of every length class come back unchanged") {
  auto s = test_settings();
  s.message_bytes_max = 1 << 20;
  recording_gateway gateway;
  net::server server{s, gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  c.upgrade();
  for (const std::size_t size :
       {0UL, 1UL, 125UL, 126UL, 127UL, 1522UL, 1528UL, 1530UL, 1536UL, 65535UL, 65536UL, 300'000UL})
    for (const int opcode : {1, 2}) {
      CAPTURE(size);
      const auto sent = pattern(size);
      c.send(client_frame(opcode, sent));
      const auto back = c.next();
      REQUIRE(back);
      CHECK(back->opcode == opcode);
      CHECK((back->payload == sent));
    }
}

TEST_CASE("websocket: pipelined messages are answered in order") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  c.upgrade();
  std::string all;
  for (int i = 0; i < 2000; ++i)
    all += client_frame(1, "message " + std::to_string(i));
  c.send(all);
  for (int i = 0; i < 2000; ++i) {
    const auto f = c.next();
    REQUIRE(f);
    REQUIRE(f->payload == "message " + std::to_string(i));
  }
}

TEST_CASE(
    "websocket: pings between fragments are answered at once and do not disturb the message") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  c.upgrade();
  c.send(client_frame(1, "one ", false));
  c.send(client_frame(9, "are you there"));
  const auto pong = c.next();
  REQUIRE(pong);
  CHECK(pong->opcode == 10);
  CHECK(pong->payload == "are you there");
  c.send(client_frame(0, "two ", false));
  c.send(client_frame(9, ""));
  CHECK(c.next()->opcode == 10);
  c.send(client_frame(0, "three"));
  CHECK(c.next()->payload == "one two three");
}

TEST_CASE("websocket: a handshake cut at every byte still upgrades") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  const auto request = upgrade_text();
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client c{server.port()};
    const auto told = server.stats(0).bytes_in.value();
    c.send(request.substr(0, cut));
    REQUIRE(eventually([&] { return server.stats(0).bytes_in.value() >= told + cut; }));
    c.send(request.substr(cut));
    REQUIRE(c.read_answer().status == 101);
    c.send_text("hello");
    REQUIRE(c.next()->payload == "hello");
  }
}

TEST_CASE("websocket: a handshake that comes byte by byte still upgrades") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  std::uint64_t sent = 0;
  for (const char byte : upgrade_text()) {
    c.send({&byte, 1});
    ++sent;
    REQUIRE(eventually([&] { return server.stats(0).bytes_in.value() >= sent; }));
  }
  CHECK(c.read_answer().status == 101);
}

TEST_CASE("websocket: frames right behind the upgrade request are not lost") {
  recording_gateway gateway;
  auto s = test_settings();
  net::server server{s, gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  const auto big = pattern(40'000);
  c.send(upgrade_text() + client_frame(1, "first") + client_frame(2, big)
         + client_frame(1, "last"));
  CHECK(c.read_answer().status == 101);
  CHECK(c.next()->payload == "first");
  CHECK((c.next()->payload == big));
  CHECK(c.next()->payload == "last");
}

TEST_CASE("websocket: broken frames end with the close code of RFC 6455 section 7.4") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  const auto code_after = [&](const std::string& bytes) {
    client c{server.port()};
    c.upgrade(path);
    c.send(bytes);
    const auto code = c.close_code();
    CHECK(c.sees_end());
    return code;
  };
  CHECK(code_after(client_frame(1, "unmasked", true, false)) == 1002);
  CHECK(code_after(client_frame(3, "reserved opcode")) == 1002);
  CHECK(code_after(client_frame(0, "continues nothing")) == 1002);
  CHECK(code_after(client_frame(1, "not deflate", true, true, true)) == 1002);
  CHECK(code_after(client_frame(9, std::string(126, 'x'))) == 1002);
  CHECK(code_after(client_frame(1, "bad \xFF utf-8")) == 1007);
  CHECK(code_after(client_frame(2, std::string((64 << 10) + 1, 'x'))) == 1009);
  CHECK(gateway.log.wait_for("closed 1002 by us", 5));
  CHECK(gateway.log.wait_for("closed 1007 by us"));
  CHECK(gateway.log.wait_for("closed 1009 by us"));
}

// Beast 1.81 does not run its final UTF-8 check when the last fragment is empty, and keeps the half
// character. A pooled engine must neither deliver such a text nor pass the half character on.
TEST_CASE(
    "websocket: a text cut off inside a character is refused even if its last fragment is empty") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client c{server.port()};
  c.upgrade(path);
  c.send(client_frame(1, "half \xE2\x82", false) + client_frame(0, ""));
  CHECK(c.close_code() == 1007);
  client next{server.port()};
  next.upgrade();
  next.send_text("whole");
  CHECK(next.next()->payload == "whole");
}

// After an empty first fragment Beast calls the message done. The engine must stay with its peer:
// handing it on would break the next peer's first message.
TEST_CASE("websocket: an empty first fragment keeps its engine") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  client a{server.port()};
  client b{server.port()};
  a.upgrade();
  b.upgrade();
  a.send(client_frame(1, "", false));
  REQUIRE(eventually([&] { return server.stats(0).engines_bound.value() == 1; }));
  b.send_text("mine");
  CHECK(b.next()->payload == "mine");
  a.send(client_frame(0, "rest"));
  CHECK(a.next()->payload == "rest");
  CHECK(eventually([&] { return server.stats(0).engines_bound.value() == 0; }));
}

TEST_CASE("websocket: no engine stays bound while nothing is in flight") {
  recording_gateway gateway;
  net::server server{test_settings(), gateway};
  REQUIRE(server.start() == "");
  std::vector<std::unique_ptr<client>> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(std::make_unique<client>(server.port()));
    all.back()->upgrade();
    all.back()->send_text("x");
    REQUIRE(all.back()->next()->payload == "x");
  }
  CHECK(eventually([&] { return server.stats(0).engines_bound.value() == 0; }));
  CHECK(server.stats(0).engines_made.value() <= 4);
}

} // namespace argosy::test
