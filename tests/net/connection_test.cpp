// What the socket layer promises about time and newcomers.
#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <netinet/in.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";
using std::chrono::milliseconds;

} // namespace

// -- time -----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(serving_fixture, "time: a handler's timer comes back with its tag") {
  client c{started().port()};
  c.upgrade(path);
  c.send_text("later 300");
  c.send_text("later 100");
  CHECK(gateway.log.wait_for("timer 300"));
  const auto lines = gateway.log.lines();
  const auto at = [&](std::string_view line) {
    return std::find(lines.begin(), lines.end(), line) - lines.begin();
  };
  CHECK(at("timer 100") < at("timer 300"));
}

TEST_CASE_FIXTURE(serving_fixture, "time: every ping is followed by its pong check") {
  s.ping_interval = milliseconds{400};
  s.pong_timeout = milliseconds{200};
  client c{started().port()};
  c.upgrade(path);
  CHECK(gateway.log.wait_for("pong", 3));
  bool awaiting = false;
  for (const auto& line : gateway.log.lines()) {
    if (line == "ping") {
      CHECK_FALSE(awaiting);
      awaiting = true;
    } else if (line == "pong") {
      CHECK(awaiting);
      awaiting = false;
    }
  }
}

TEST_CASE_FIXTURE(serving_fixture,
                  "time: a peer that stalls inside a frame is cut off, an idle one is not") {
  s.progress_deadline = milliseconds{200};
  client idle{started().port()};
  idle.upgrade();
  client stalls{server->port()};
  stalls.upgrade(path);
  stalls.send(client_frame(1, "never finished").substr(0, 8));
  CHECK(stalls.sees_end());
  CHECK(gateway.log.wait_for("closed 1006 by us"));
  idle.send_text("here");
  CHECK(idle.next()->payload == "here");
}

TEST_CASE_FIXTURE(serving_fixture,
                  "time: at the cap of bound engines the longest stalled peer makes room") {
  s.engines_bound_max = 2;
  started();
  std::vector<std::unique_ptr<client>> stalled;
  for (int i = 0; i < 3; ++i) {
    stalled.push_back(std::make_unique<client>(server->port()));
    stalled.back()->upgrade(path);
    stalled.back()->send(client_frame(1, "half").substr(0, 7));
    REQUIRE(eventually([&] {
      return server->stats(0).engines_bound.value() + server->stats(0).engines_evicted.value()
             == static_cast<std::uint64_t>(i) + 1;
    }));
  }
  CHECK(stalled[0]->sees_end());
  CHECK(server->stats(0).engines_evicted.value() == 1);
}

// -- admission ------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(serving_fixture,
                  "admission: who may not enter gets 503 before anything is allocated") {
  gateway.on_enter = [] { return false; };
  client c{started().port()};
  CHECK(c.read_answer().status == 503);
  CHECK(c.sees_end());
  CHECK(server->stats(0).open_sockets.value() == 0);
  CHECK(server->stats(0).rejected[static_cast<std::size_t>(net::reject_reason::gateway)].value()
        == 1);
  CHECK(gateway.balance() == 0);
}

TEST_CASE_FIXTURE(serving_fixture,
                  "admission: beyond connections_max newcomers are turned away until one leaves") {
  s.connections_max = 2;
  client a{started().port()};
  a.upgrade();
  auto b = std::make_unique<client>(server->port());
  b->upgrade();
  client c{server->port()};
  CHECK(c.read_answer().status == 503);
  b.reset();
  REQUIRE(gateway.log.wait_for("left 127.0.0.1"));
  client d{server->port()};
  CHECK_NOTHROW(d.upgrade());
}

TEST_CASE_FIXTURE(serving_fixture,
                  "admission: at the handshake cap newcomers wait in the backlog") {
  s.handshakes_max = 1;
  s.handshake_deadline = milliseconds{300};
  client silent{started().port()};
  client next{server->port()};
  CHECK_NOTHROW(next.upgrade());
  CHECK(silent.sees_end());
}

TEST_CASE_FIXTURE(serving_fixture,
                  "admission: out of descriptors the listener rests instead of spinning") {
  started();
  const int newcomer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  rlimit none = usual;
  none.rlim_cur = 3; // below any number a new descriptor could get
  setrlimit(RLIMIT_NOFILE, &none);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(connect(newcomer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const auto& failed =
      server->stats(0).rejected[static_cast<std::size_t>(net::reject_reason::descriptors)];
  CHECK(eventually([&] { return failed.value() >= 1; }));
  const auto turns = server->stats(0).turns.value();
  const auto before = failed.value();
  CHECK(eventually([&] { return failed.value() >= before + 2; }));
  CHECK(server->stats(0).turns.value() - turns < 40);
  setrlimit(RLIMIT_NOFILE, &usual);
  CHECK(eventually([&] { return server->stats(0).accepted.value() == 1; }));
  ::close(newcomer);
}

TEST_CASE_FIXTURE(serving_fixture,
                  "admission: after stop_accepting newcomers are refused and the others stay") {
  client a{started().port()};
  a.upgrade();
  server->stop_accepting();
  REQUIRE(eventually([&] {
    try {
      client probe{server->port()};
      return !probe.try_send(upgrade_text()) || probe.read_answer().status == 0;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  a.send_text("still served");
  CHECK(a.next()->payload == "still served");
}

} // namespace argosy::test
