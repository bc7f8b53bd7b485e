// What the socket layer promises to handlers and gateways: limits, closes, timers, admission.
#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";
using std::chrono::milliseconds;

struct connection_fixture {
  recording_gateway gateway;
  recording_http http;
  net::settings s = test_settings();
  std::unique_ptr<net::server> server;

  net::server& started() {
    server = std::make_unique<net::server>(s, gateway, &http);
    const auto error = server->start();
    REQUIRE(error == "");
    return *server;
  }
};

} // namespace

// -- closing --------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(connection_fixture,
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
  CHECK(gateway.log.wait_for("left 127.0.0.1"));
  CHECK(server->stats(0).closed[static_cast<std::size_t>(net::close_class::reconnect)].value()
        == 1);
}

TEST_CASE_FIXTURE(connection_fixture,
                  "close: a close frame without a code is 1005 for the handler") {
  client c{started().port()};
  c.upgrade(path);
  c.send(client_frame(8, ""));
  CHECK(c.next()->opcode == 8);
  CHECK(gateway.log.wait_for("closed 1005 by peer"));
}

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture, "close: a hang-up without a close frame is 1006") {
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

TEST_CASE_FIXTURE(connection_fixture, "close: what was said before a hang-up is still heard") {
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

TEST_CASE_FIXTURE(connection_fixture,
                  "close: the peer reads the close frame even if it was still sending") {
  client c{started().port()};
  c.upgrade(path);
  const auto chunk = client_frame(2, std::string(60'000, 'x'));
  c.send(client_frame(1, "unmasked", true, false));
  for (int i = 0; i < 20; ++i)
    c.try_send(chunk);
  CHECK(c.close_code() == 1002);
}

TEST_CASE_FIXTURE(connection_fixture, "stop: every handler hears of it before stop returns") {
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

// -- sending --------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(connection_fixture, "send: all frames of one turn leave in one system call") {
  client c{started().port()};
  c.upgrade(path);
  const auto seat = gateway.at(0);
  REQUIRE(eventually([&] { return server->stats(0).frames_out.value() == 1; }));
  const auto before = server->stats(0).write_calls.value();
  on_loop(*seat.loop, [&] {
    for (const auto in : {lane::latest, lane::event, lane::direct, lane::ack, lane::control})
      CHECK(seat.loop->send(seat.socket, in,
                            frame::encode(opcode::text, std::to_string(static_cast<int>(in))))
            == send_result::queued);
  });
  for (const auto* expected : {"0", "1", "2", "3", "4"})
    CHECK(c.next()->payload == expected);
  CHECK(server->stats(0).frames_out.value() == 6);
  CHECK(server->stats(0).write_calls.value() == before + 1);
}

TEST_CASE_FIXTURE(connection_fixture,
                  "send: a socket that has gone takes nothing, even if its slot is used again") {
  started();
  auto first = std::make_unique<client>(server->port());
  first->upgrade(path);
  const auto old = gateway.at(0);
  first->reset();
  REQUIRE(gateway.log.wait_for("left 127.0.0.1"));
  client second{server->port()};
  second.upgrade(path);
  const auto fresh = gateway.at(1);
  CHECK(fresh.socket.slot == old.socket.slot);
  on_loop(*old.loop, [&] {
    CHECK(old.loop->send(old.socket, lane::direct, frame::encode(opcode::text, "to nobody"))
          == send_result::gone);
    old.loop->close(old.socket, 3000, "not you");
    CHECK(old.loop->peer_address(old.socket) == "");
    CHECK(fresh.loop->peer_address(fresh.socket) == "127.0.0.1");
    CHECK(fresh.loop->send(fresh.socket, lane::direct, frame::encode(opcode::text, "to you"))
          == send_result::queued);
  });
  CHECK(second.next()->payload == "to you");
}

TEST_CASE_FIXTURE(connection_fixture,
                  "send: values of one key are conflated while the peer does not read") {
  client c{started().port(), 4096};
  c.upgrade(path);
  const auto seat = gateway.at(0);
  const auto filler = frame::encode(opcode::binary, std::string(64 << 10, 'f'));
  REQUIRE(eventually([&] {
    std::size_t waiting = 0;
    on_loop(*seat.loop, [&] {
      seat.loop->send(seat.socket, lane::event, filler);
      waiting = seat.loop->queued_bytes(seat.socket);
    });
    return waiting > (200U << 10);
  }));
  on_loop(*seat.loop, [&] {
    const auto say = [&](const char* text, std::uint64_t key) {
      return seat.loop->send(seat.socket, lane::latest, frame::encode(opcode::text, text), key);
    };
    CHECK(say("old", 1) == send_result::queued);
    CHECK(say("other", 2) == send_result::queued);
    CHECK(say("new", 1) == send_result::conflated);
  });
  std::vector<std::string> texts;
  while (texts.size() < 2)
    if (const auto f = c.next(); f && f->opcode == 1)
      texts.push_back(f->payload);
  CHECK(texts == std::vector<std::string>{"new", "other"});
}

TEST_CASE_FIXTURE(connection_fixture,
                  "send: a slow reader is refused within its bound and nobody else notices") {
  s.outbound.total_bytes_max = 256 << 10;
  s.close_deadline = milliseconds{300};
  client slow{started().port(), 4096};
  slow.upgrade(path);
  client other{server->port()};
  other.upgrade();
  for (int i = 0; i < 200 && gateway.log.count("refused") == 0; ++i) {
    slow.send_text("flood 4 10000");
    other.send_text("still here");
    REQUIRE(other.next()->payload == "still here");
    CHECK(server->stats(0).queued_bytes.value() <= (256U << 10) + 100);
  }
  CHECK(gateway.log.wait_for("refused"));
  CHECK(gateway.log.wait_for("closed 3008 by us"));
  CHECK(server->stats(0).refused_slow.value() == 1);
  CHECK(eventually([&] { return server->stats(0).queued_bytes.value() == 0; }));
  other.send_text("and still");
  CHECK(other.next()->payload == "and still");
}

TEST_CASE_FIXTURE(connection_fixture, "send: a reader that pauses gets everything in order") {
  s.outbound.total_bytes_max = 64 << 20;
  for (auto& lane : s.outbound.lanes)
    lane.bytes_max = 64 << 20;
  for (const auto ring : {net::io_uring_mode::automatic, net::io_uring_mode::off}) {
    s.io_uring = ring;
    client c{started().port(), 4096};
    c.upgrade();
    std::thread writer{[&] {
      for (int i = 0; i < 100; ++i)
        c.send_text(std::to_string(i) + std::string(50'000, 'p'));
    }};
    writer.join();
    for (int i = 0; i < 100; ++i) {
      const auto f = c.next();
      REQUIRE(f);
      REQUIRE(f->payload.size() > 50'000);
      REQUIRE(std::atoi(f->payload.c_str()) == i);
    }
  }
}

TEST_CASE_FIXTURE(connection_fixture,
                  "send: a broadcast through the ring reaches all, the slow one too") {
  s.outbound.total_bytes_max = 8 << 20;
  for (auto& lane : s.outbound.lanes)
    lane.bytes_max = 8 << 20;
  for (const auto ring : {net::io_uring_mode::automatic, net::io_uring_mode::off}) {
    s.io_uring = ring;
    started();
    const std::size_t n = 200;
    std::vector<std::unique_ptr<client>> all;
    const auto first = gateway.log.count("open /connection/websocket");
    for (std::size_t i = 0; i < n; ++i) {
      all.push_back(std::make_unique<client>(server->port(), 4096));
      all.back()->upgrade(path);
    }
    std::vector<recording_gateway::seat> seats;
    for (std::size_t i = 0; i < n; ++i)
      seats.push_back(gateway.at(first + i));
    const int rounds = 60;
    for (int r = 0; r < rounds; ++r)
      on_loop(server->loop(0), [&] {
        const auto f = frame::encode(opcode::text, std::to_string(r) + std::string(5000, 'b'));
        for (const auto& seat : seats) {
          seat.loop->send(seat.socket, lane::event, f);
          if (r % 3 == 0)
            seat.loop->send(seat.socket, lane::control, frame::encode(opcode::binary, "c"));
        }
      });
    for (auto& c : all) {
      int events = 0;
      int controls = 0;
      while (events < rounds || controls < rounds / 3) {
        const auto f = c->next();
        REQUIRE(f);
        if (f->opcode == 2)
          ++controls;
        else
          REQUIRE(std::atoi(f->payload.c_str()) == events++);
      }
    }
    if (ring == net::io_uring_mode::off)
      CHECK(server->stats(0).ring_batches.value() == 0);
    server->stop();
  }
}

// -- time -----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(connection_fixture, "time: a handler's timer comes back with its tag") {
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

TEST_CASE_FIXTURE(connection_fixture, "time: every ping is followed by its pong check") {
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

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture,
                  "admission: at the handshake cap newcomers wait in the backlog") {
  s.handshakes_max = 1;
  s.handshake_deadline = milliseconds{300};
  client silent{started().port()};
  client next{server->port()};
  CHECK_NOTHROW(next.upgrade());
  CHECK(silent.sees_end());
}

TEST_CASE_FIXTURE(connection_fixture,
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

TEST_CASE_FIXTURE(connection_fixture,
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
