// What the socket layer promises to those who send: order, one write a turn, bounds for slow
// readers.
#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

namespace argosy::test {

namespace {

constexpr std::string_view path = "/connection/websocket";
using std::chrono::milliseconds;

} // namespace

TEST_CASE_FIXTURE(serving_fixture, "send: all frames of one turn leave in one system call") {
  client c{started().port()};
  c.upgrade(path);
  const auto seat = gateway.at(0);
  // Asked on the loop, a turn after the write: a client may have read before it was counted.
  const auto written = [&] {
    std::pair<std::uint64_t, std::uint64_t> frames_and_calls;
    on_loop(*seat.loop, [&] {
      const auto& stats = server->stats(0);
      frames_and_calls = {stats.frames_out.value(), stats.write_calls.value()};
    });
    return frames_and_calls;
  };
  REQUIRE(eventually([&] { return written().first == 1; }));
  const auto before = written().second;
  on_loop(*seat.loop, [&] {
    for (const auto in : {lane::latest, lane::event, lane::direct, lane::ack, lane::control})
      CHECK(seat.loop->send(seat.socket, in,
                            frame::encode(opcode::text, std::to_string(static_cast<int>(in))))
            == send_result::queued);
  });
  for (const auto* expected : {"0", "1", "2", "3", "4"})
    CHECK(c.next()->payload == expected);
  CHECK(written() == std::pair<std::uint64_t, std::uint64_t>{6, before + 1});
}

TEST_CASE_FIXTURE(serving_fixture,
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

TEST_CASE_FIXTURE(serving_fixture,
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

TEST_CASE_FIXTURE(serving_fixture,
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

TEST_CASE_FIXTURE(serving_fixture, "send: a reader that pauses gets everything in order") {
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

TEST_CASE_FIXTURE(serving_fixture,
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

} // namespace argosy::test
