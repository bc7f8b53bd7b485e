// How sockets end: close frames, hang-ups, and the stop of the server.
#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string_view>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";
using std::chrono::milliseconds;

} // namespace

TEST_CASE_FIXTURE(serving_fixture,
                  "close: a peer's close frame is echoed and then the socket ends") {
  client c{started().port()};
  c.upgrade(path);
  c.send(client_close(4321, "enough"));
  const auto echo = c.next();
  REQUIRE(echo);
  CHECK(echo->opcode == 8);
  CHECK(echo->close_code() == 4321);
  CHECK(c.sees_end());
  CHECK(gateway.log.wait_for("closed 4321 by peer"));
  c.shut_down_writing();
  CHECK(gateway.log.wait_for("left 127.0.0.1"));
  CHECK(server->stats(0).closed[static_cast<std::size_t>(net::close_class::reconnect)].value()
        == 1);
}

TEST_CASE_FIXTURE(serving_fixture, "close: a close frame without a code is 1005 for the handler") {
  client c{started().port()};
  c.upgrade(path);
  c.send(client_frame(8, ""));
  CHECK(c.next()->opcode == 8);
  CHECK(gateway.log.wait_for("closed 1005 by peer"));
}

TEST_CASE_FIXTURE(serving_fixture,
                  "close: ours goes behind what is queued and waits for the peer's") {
  client c{started().port()};
  c.upgrade(path);
  c.send_text("flood 3 10");
  c.send_text("close 3500");
  for (int i = 0; i < 3; ++i)
    CHECK(c.next()->opcode == 2);
  const auto last = c.next();
  REQUIRE(last);
  CHECK(last->close_code() == 3500);
  CHECK(last->payload.substr(2) == "as told");
  CHECK(gateway.log.count("closed 3500 by us") == 0);
  c.send(client_close(3500));
  CHECK(c.sees_end());
  CHECK(gateway.log.wait_for("closed 3500 by us"));
}

TEST_CASE_FIXTURE(serving_fixture,
                  "close: a peer that does not answer is cut off at the deadline") {
  s.close_deadline = milliseconds{200};
  client c{started().port()};
  c.upgrade(path);
  c.send_text("close 3000");
  CHECK(c.close_code() == 3000);
  c.send_text("still talking");
  CHECK(c.sees_end());
  CHECK(gateway.log.wait_for("closed 3000 by us"));
  CHECK(gateway.log.count("message still talking") == 0);
}

TEST_CASE_FIXTURE(serving_fixture, "close: a hang-up without a close frame is 1006") {
  client a{started().port()};
  a.upgrade(path);
  a.shut_down_writing();
  CHECK(gateway.log.wait_for("closed 1006 by peer"));
  client b{server->port()};
  b.upgrade(path);
  b.reset();
  CHECK(gateway.log.wait_for("closed 1006 by peer", 2));
  CHECK(gateway.log.wait_for("left 127.0.0.1", 2));
}

TEST_CASE_FIXTURE(serving_fixture, "close: what was said before a hang-up is still heard") {
  client c{started().port()};
  c.upgrade(path);
  c.send_text("first");
  c.send(client_frame(1, "second", false));
  c.send(client_frame(0, " half"));
  c.shut_down_writing();
  CHECK(gateway.log.wait_for("closed 1006 by peer"));
  CHECK(gateway.log.count("message first") == 1);
  CHECK(gateway.log.count("message second half") == 1);
}

TEST_CASE_FIXTURE(serving_fixture,
                  "close: the peer reads the close frame even if it was still sending") {
  client c{started().port()};
  c.upgrade(path);
  const auto chunk = client_frame(2, std::string(60'000, 'x'));
  c.send(client_frame(1, "unmasked", true, false));
  for (int i = 0; i < 20; ++i)
    c.try_send(chunk);
  CHECK(c.close_code() == 1002);
}

// The server closed as soon as its answer was out, and the kernel met the rest with a reset.
TEST_CASE_FIXTURE(serving_fixture, "close: what a peer sends behind its close frame does no harm") {
  client c{started().port()};
  c.upgrade(path);
  const auto chunk = client_frame(2, std::string(60'000, 'x'));
  auto all = client_close(1000);
  for (int i = 0; i < 20; ++i)
    all += chunk;
  c.send(all);
  CHECK(c.close_code() == 1000);
  CHECK(c.sees_end());
  for (int i = 0; i < 20; ++i)
    CHECK(c.try_send(chunk));
  c.shut_down_writing();
  CHECK(gateway.log.wait_for("left 127.0.0.1"));
  CHECK(gateway.log.count("closed 1000 by peer") == 1);
}

TEST_CASE_FIXTURE(serving_fixture, "close: a peer that says goodbye and stays is cut off, too") {
  s.close_deadline = milliseconds{200};
  client c{started().port()};
  c.upgrade(path);
  c.send(client_close(1000));
  CHECK(c.close_code() == 1000);
  CHECK(gateway.log.wait_for("left 127.0.0.1"));
}

TEST_CASE_FIXTURE(serving_fixture, "stop: every handler hears of it before stop returns") {
  s.loops = 2;
  std::vector<std::unique_ptr<client>> all;
  started();
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_unique<client>(server->port()));
    all.back()->upgrade(path);
  }
  client request{server->port()};
  request.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  http.held();
  client silent{server->port()};
  server->stop();
  CHECK(gateway.log.count("closed 1001 by us") == 20);
  CHECK(gateway.balance() == 0);
  CHECK(all[0]->close_code() == 1001);
}

} // namespace argosy::test
