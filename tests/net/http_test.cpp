#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

namespace argosy::test {

TEST_CASE_FIXTURE(serving_fixture, "http: GET, POST and HEAD reach the service on one connection") {
  client c{started().port()};
  c.send("GET /hello?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(c.read_answer().body == "GET /hello?a=1");
  c.send("POST /echo-body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde");
  const auto answer = c.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.body == "abcde");
  CHECK(answer.header.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(answer.header.find("Connection: keep-alive\r\n") != std::string::npos);
  c.send("GET /header HTTP/1.1\r\nHost: x\r\nX-Test: seen\r\n\r\n");
  CHECK(c.read_answer().body == "seen");
  c.send("GET /bye HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(c.read_answer().body == "GET /bye");
  CHECK(c.sees_end());
}

TEST_CASE_FIXTURE(serving_fixture, "http: HEAD gets the length without the body") {
  client c{started().port()};
  c.send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answer = c.read_answer();
  CHECK(answer.header.find("Content-Length: 11\r\n") != std::string::npos);
  CHECK(answer.body.empty());
}

TEST_CASE_FIXTURE(serving_fixture, "http: pipelined requests are answered in order") {
  client c{started().port()};
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  c.send(all);
  for (int i = 0; i < 20; ++i)
    CHECK(c.read_answer().body == "GET /" + std::to_string(i));
}

TEST_CASE_FIXTURE(serving_fixture, "http: a chunked body arrives whole") {
  client c{started().port()};
  c.send("POST /echo-body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  c.send("6\r\n world\r\n0\r\n\r\n");
  CHECK(c.read_answer().body == "hello world");
}

TEST_CASE_FIXTURE(serving_fixture,
                  "http: a large body is read in pieces, after 100 Continue if asked") {
  client c{started().port()};
  const std::string body(900'000, 'b');
  c.send("POST /echo-body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
         "900000\r\n\r\n");
  CHECK(c.read_answer().status == 100);
  c.send(body);
  CHECK((c.read_answer().body == body));
}

TEST_CASE_FIXTURE(serving_fixture,
                  "http: what is too large or no HTTP is refused with its status") {
  const auto port = started().port();
  const auto status_after = [&](const std::string& bytes) {
    client c{port};
    c.try_send(bytes);
    const auto status = c.read_answer().status;
    CHECK(c.sees_end());
    return status;
  };
  CHECK(status_after("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n") == 431);
  CHECK(status_after("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x')) == 431);
  CHECK(status_after("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n") == 413);
  CHECK(status_after("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n"
                     + std::string(0x200000, 'x'))
        == 413);
  CHECK(status_after("this is not a request\r\n\r\n") == 400);
  // What belongs to no body has a bound, too: once a chunk's extension could fill the memory.
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(status_after(chunked + "5;" + std::string(100'000, 'x')) == 431);
  CHECK(status_after(chunked + "0\r\nX: " + std::string(100'000, 'x')) == 431);
}

TEST_CASE_FIXTURE(serving_fixture, "http: an upgrade elsewhere is a plain request") {
  client c{started().port()};
  c.send(upgrade_text("/somewhere"));
  const auto answer = c.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.body == "GET /somewhere");
}

TEST_CASE_FIXTURE(serving_fixture, "http: an answer may come from another thread, once") {
  client c{started().port()};
  c.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  auto respond = http.held();
  http_response r;
  r.body = "late";
  respond(r);
  respond(r);
  CHECK(c.read_answer().body == "late");
  c.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  respond(r); // to a request that was answered long ago
  CHECK(c.read_answer().body == "GET /next");
}

TEST_CASE_FIXTURE(serving_fixture,
                  "http: an answer to a socket, or a server, that has gone is dropped") {
  http_responder after_hangup;
  http_responder after_stop;
  {
    client gone{started().port()};
    gone.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    after_hangup = http.held();
    gone.reset();
    REQUIRE(gateway.log.wait_for("left 127.0.0.1"));
    after_hangup({});
  }
  client c{server->port()};
  c.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  after_stop = http.held();
  server->stop();
  server.reset();
  after_stop({});
  CHECK(gateway.balance() == 0);
}

TEST_CASE_FIXTURE(serving_fixture,
                  "http: a request that trickles in ends at the handshake deadline") {
  s.handshake_deadline = std::chrono::milliseconds{200};
  client c{started().port()};
  c.send("GET / HTTP/1.1\r\nHost: x\r\n");
  client silent{server->port()};
  CHECK(c.sees_end());
  CHECK(silent.sees_end());
  CHECK(server->stats(0).deadlines.value() == 2);
}

TEST_CASE_FIXTURE(serving_fixture,
                  "http: a pause between requests outlives the handshake deadline") {
  s.handshake_deadline = std::chrono::milliseconds{200};
  client c{started().port()};
  c.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(c.read_answer().header.find("Keep-Alive: timeout=60\r\n") != std::string::npos);
  client silent{server->port()};
  CHECK(silent.sees_end()); // its deadline came after that of the first request
  c.send("GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(c.read_answer().body == "GET /two");
  CHECK(server->stats(0).deadlines.value() == 1);
}

TEST_CASE_FIXTURE(serving_fixture, "http: a later request that trickles in has the same deadline") {
  s.handshake_deadline = std::chrono::milliseconds{200};
  client c{started().port()};
  c.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  c.read_answer();
  c.send("GET /two HT");
  CHECK(c.sees_end());
  CHECK(server->stats(0).deadlines.value() == 1);
}

TEST_CASE_FIXTURE(serving_fixture, "http: a pause that is too long ends politely") {
  s.http_idle_timeout = std::chrono::seconds{1};
  client c{started().port()};
  c.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  c.read_answer();
  CHECK(c.sees_end());
  CHECK(server->stats(0).deadlines.value() == 0);
}

TEST_CASE_FIXTURE(serving_fixture,
                  "http: a pausing connection takes no place among the handshakes") {
  s.handshakes_max = 1;
  client pausing{started().port()};
  pausing.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  pausing.read_answer();
  CHECK(server->stats(0).handshaking.value() == 0);
  client c{server->port()};
  c.send("GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(c.read_answer().body == "GET /two");
}

TEST_CASE_FIXTURE(serving_fixture, "http: without a service every request is answered 404") {
  server = std::make_unique<net::server>(s, gateway);
  REQUIRE(server->start() == "");
  client c{server->port()};
  c.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(c.read_answer().status == 404);
}

} // namespace argosy::test
