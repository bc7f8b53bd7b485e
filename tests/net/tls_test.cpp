#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";

struct tls_fixture {
  temporary_certificate certificate;
  recording_gateway gateway;
  recording_http http;
  net::settings s = with_tls();
  std::unique_ptr<net::server> server;

  net::settings with_tls() const {
    auto t = test_settings();
    t.endpoints = {{"127.0.0.1", 0, true}, {"127.0.0.1", 0, false}};
    t.tls_certificate_file = certificate.certificate_file();
    t.tls_key_file = certificate.key_file();
    return t;
  }

  net::server& started() {
    server = std::make_unique<net::server>(s, gateway, &http);
    const auto error = server->start();
    REQUIRE(error == "");
    return *server;
  }
};

struct tls_client : client {
  explicit tls_client(std::uint16_t port, SSL_SESSION* resume = nullptr, bool only_tls12 = false,
                      int receive_buffer = 0)
      : client(port, receive_buffer) {
    start_tls(resume, only_tls12);
  }
};

} // namespace

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: messages of every length class come back unchanged, plain beside it") {
  s.message_bytes_max = 1 << 20;
  tls_client c{started().port(0)};
  client plain{server->port(1)};
  c.upgrade();
  plain.upgrade();
  for (const std::size_t size :
       {0UL, 1UL, 126UL, 1530UL, 16'384UL, 16'385UL, 65'536UL, 300'000UL}) {
    const std::string text(size, 't');
    c.send_binary(text);
    plain.send_binary(text);
    CHECK((c.next()->payload == text));
    CHECK((plain.next()->payload == text));
  }
  CHECK(server->stats(0).tls_handshakes.value() == 1);
}

TEST_CASE_FIXTURE(tls_fixture, "tls: version 1.2 is served too") {
  tls_client c{started().port(0), nullptr, true};
  c.upgrade();
  c.send_text("old");
  CHECK(c.next()->payload == "old");
}

TEST_CASE_FIXTURE(tls_fixture, "tls: pipelined messages, fragments and pings arrive in order") {
  tls_client c{started().port(0)};
  std::string all = upgrade_text();
  for (int i = 0; i < 500; ++i)
    all += client_frame(1, std::to_string(i), false) + client_frame(9, "p")
           + client_frame(0, std::string(100, 'x'));
  c.send(all);
  CHECK(c.read_answer().status == 101);
  int pongs = 0;
  for (int i = 0; i < 500;) {
    const auto f = c.next();
    REQUIRE(f);
    if (f->opcode == 10)
      ++pongs;
    else
      REQUIRE(f->payload == std::to_string(i++) + std::string(100, 'x'));
  }
  CHECK(pongs == 500);
}

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: broken frames get their close code, closes are shaken, hang-ups seen") {
  started();
  tls_client bad{server->port(0)};
  bad.upgrade(path);
  bad.send(client_frame(1, "unmasked", true, false));
  CHECK(bad.close_code() == 1002);
  CHECK(bad.sees_end());
  tls_client polite{server->port(0)};
  polite.upgrade(path);
  polite.send(client_close(1000));
  CHECK(polite.close_code() == 1000);
  CHECK(polite.sees_end());
  CHECK(gateway.log.wait_for("closed 1000 by peer"));
  tls_client rude{server->port(0)};
  rude.upgrade(path);
  rude.reset();
  CHECK(gateway.log.wait_for("closed 1006 by peer"));
  tls_client told{server->port(0)};
  told.upgrade(path);
  told.send_text("close 3500");
  CHECK(told.close_code() == 3500);
  told.send(client_close(3500));
  CHECK(told.sees_end());
  CHECK(gateway.log.wait_for("closed 3500 by us"));
}

TEST_CASE_FIXTURE(tls_fixture, "tls: plain HTTP requests are answered") {
  tls_client c{started().port(0)};
  c.send("POST /echo-body HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
         + std::string(100'000, 'b'));
  CHECK((c.read_answer().body == std::string(100'000, 'b')));
  c.send("GET /bye HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(c.read_answer().body == "GET /bye");
  CHECK(c.sees_end());
}

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: a session can be resumed, also after a reload of the certificate") {
  started();
  tls_client first{server->port(0)};
  first.upgrade();
  first.send_text("x");
  CHECK(first.next()->payload == "x"); // by now the ticket has come
  SSL_SESSION* session = first.session();
  CHECK(server->reload_tls() == "");
  tls_client second{server->port(0), session};
  second.upgrade();
  CHECK(second.resumed());
  CHECK(server->stats(0).tls_resumed.value() == 1);
  SSL_SESSION_free(session);
}

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: a reload serves the new certificate and leaves open sessions alone") {
  started();
  tls_client before{server->port(0)};
  before.upgrade();
  certificate.renew();
  CHECK(server->reload_tls() == "");
  tls_client after{server->port(0)};
  CHECK(after.certificate_serial() != before.certificate_serial());
  before.send_text("still here");
  CHECK(before.next()->payload == "still here");
}

TEST_CASE_FIXTURE(tls_fixture, "tls: a reload that fails keeps the old certificate and says why") {
  started();
  tls_client before{server->port(0)};
  std::ofstream{certificate.key_file()} << "no key";
  const auto error = server->reload_tls();
  CHECK(error.find(certificate.key_file()) != std::string::npos);
  CHECK(error.find("cannot be used") != std::string::npos);
  const temporary_certificate other;
  std::filesystem::copy_file(other.key_file(), certificate.key_file(),
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(server->reload_tls().find("does not belong to") != std::string::npos);
  tls_client after{server->port(0)};
  CHECK(after.certificate_serial() == before.certificate_serial());
}

TEST_CASE_FIXTURE(tls_fixture, "tls: a missing certificate stops the start with a sentence") {
  s.tls_certificate_file = "/nowhere/certificate.pem";
  net::server broken{s, gateway};
  CHECK(broken.start().starts_with(
      R"(`tls.cert_file` names "/nowhere/certificate.pem", which cannot be used)"));
}

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: who does not speak TLS, or not at all, costs nobody anything") {
  s.handshake_deadline = std::chrono::milliseconds{300};
  client plain{started().port(0)};
  plain.send(upgrade_text());
  CHECK(plain.sees_end());
  CHECK(server->stats(0).tls_failed.value() == 1);
  client silent{server->port(0)};
  CHECK(silent.sees_end());
  CHECK(eventually([&] { return gateway.balance() == 0; }));
}

TEST_CASE_FIXTURE(tls_fixture, "tls: who may not enter is dropped before the handshake") {
  gateway.on_enter = [] { return false; };
  client c{started().port(0)};
  CHECK(c.sees_end());
  CHECK(server->stats(0).tls_failed.value() == 0);
}

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: a reader that pauses gets everything in order, within a bounded queue") {
  s.outbound.total_bytes_max = 64 << 20;
  for (auto& lane : s.outbound.lanes)
    lane.bytes_max = 64 << 20;
  tls_client c{started().port(0), nullptr, false, 4096};
  c.upgrade();
  for (int i = 0; i < 60; ++i)
    c.send_text(std::to_string(i) + std::string(50'000, 'p'));
  for (int i = 0; i < 60; ++i) {
    const auto f = c.next();
    REQUIRE(f);
    REQUIRE(std::atoi(f->payload.c_str()) == i);
  }
}

TEST_CASE_FIXTURE(tls_fixture,
                  "tls: a slow reader is refused within its bound and nobody else notices") {
  s.outbound.total_bytes_max = 256 << 10;
  s.close_deadline = std::chrono::milliseconds{300};
  tls_client slow{started().port(0), nullptr, false, 4096};
  slow.upgrade(path);
  tls_client other{server->port(0)};
  other.upgrade();
  for (int i = 0; i < 200 && gateway.log.count("refused") == 0; ++i) {
    slow.send_text("flood 4 10000");
    other.send_text("still here");
    REQUIRE(other.next()->payload == "still here");
  }
  CHECK(gateway.log.wait_for("refused"));
  CHECK(gateway.log.wait_for("closed 3008 by us"));
}

} // namespace argosy::test
