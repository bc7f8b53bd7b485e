// The proxy of a chaos run, before a real echo on 127.0.0.1: what arrives is what was sent, in
// order, and nothing passes a line that is cut. Nothing here is timed.
#include "bench/chaos/fault_proxy.hpp"
#include "bench/socket_owner.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <unistd.h>

using namespace std::chrono_literals;
using argosy::bench::chaos::fault_proxy;
using argosy::bench::chaos::weather;
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string numbers(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += std::to_string(i) + ";";
  return out;
}

/// Says to each caller what it hears, and hangs up after it.
struct echo {
  explicit echo(asio::io_context& io) : door(io, {asio::ip::address_v4::loopback(), 0}) {
    accept();
  }

  struct conversation {
    tcp::socket socket;
    std::string heard = std::string(32 * 1024, '\0');
  };

  void accept() {
    door.async_accept([this](error_code error, tcp::socket caller) {
      if (error)
        return;
      ++callers;
      listen(std::make_shared<conversation>(conversation{std::move(caller)}));
      accept();
    });
  }
  void listen(std::shared_ptr<conversation> c) {
    c->socket.async_read_some(asio::buffer(c->heard),
                              [this, c](error_code error, std::size_t size) {
                                if (error)
                                  return;
                                bytes += size;
                                asio::async_write(c->socket, asio::buffer(c->heard.data(), size),
                                                  [this, c](error_code lost, std::size_t) {
                                                    if (!lost)
                                                      listen(c);
                                                  });
                              });
  }

  tcp::acceptor door;
  std::size_t callers = 0;
  std::size_t bytes = 0;
};

/// A caller, the proxy and an echo on one loop.
struct exchange {
  exchange()
      : behind(io),
        proxy(
            io, behind.door.local_endpoint().port(), [this](const tcp::socket&) { return caller; },
            [this](const std::string& name) {
              CHECK(name == "somebody");
              return line;
            }) {}

  void call() {
    socket.connect({asio::ip::address_v4::loopback(), proxy.port()});
    listen();
  }
  void say(const std::string& text) {
    said += text;
    asio::async_write(socket, asio::buffer(text), [](error_code, std::size_t) {});
  }
  void change(weather to) {
    line = to;
    proxy.update();
  }
  void listen() {
    socket.async_read_some(asio::buffer(piece), [this](error_code error, std::size_t size) {
      heard.append(piece, 0, size);
      over = error == asio::error::eof || error == asio::error::connection_reset;
      if (!error)
        listen();
    });
  }
  /// Runs the loop until `done`; false if that is not so within a minute.
  bool until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!done() && std::chrono::steady_clock::now() < deadline)
      io.run_one_for(100ms);
    return done();
  }

  asio::io_context io;
  echo behind;
  std::string caller = "somebody";
  weather line;
  fault_proxy proxy;
  tcp::socket socket{io};
  std::string piece = std::string(32 * 1024, '\0');
  std::string said, heard;
  bool over = false;
};

} // namespace

TEST_CASE("fault_proxy: a fair line carries all of it, both ways and in order") {
  exchange e;
  e.call();
  const auto text = numbers(200'000);
  e.say(text);
  CHECK(e.until([&] { return e.heard.size() == text.size(); }));
  CHECK(e.heard == text);
}

TEST_CASE("fault_proxy: nothing passes a line that is cut, and all of it once that is mended") {
  exchange e;
  e.call();
  e.say("before;");
  REQUIRE(e.until([&] { return e.heard == "before;"; }));
  e.change({.cut = true});
  const auto text = numbers(10'000);
  e.say(text);
  e.io.run_for(100ms);
  CHECK(e.heard == "before;");
  CHECK(e.behind.bytes == 7);
  CHECK_FALSE(e.over);
  e.change({});
  CHECK(e.until([&] { return e.heard.size() == 7 + text.size(); }));
  CHECK(e.heard == "before;" + text);
}

TEST_CASE("fault_proxy: who calls during a cut waits, and is put through after it") {
  exchange e;
  e.line.cut = true;
  e.call();
  e.say("hello;");
  e.io.run_for(50ms);
  CHECK(e.behind.callers == 0);
  CHECK_FALSE(e.over);
  SUBCASE("if it still waits") {
    e.change({});
    CHECK(e.until([&] { return e.heard == "hello;"; }));
  }
  SUBCASE("not if it has hung up") {
    e.socket.close();
    e.change({});
    e.io.run_for(50ms);
    CHECK(e.behind.callers == 0);
  }
}

TEST_CASE("fault_proxy: an end that hangs up is missed once the line carries it") {
  exchange e;
  e.call();
  e.say("a;");
  REQUIRE(e.until([&] { return e.heard == "a;"; }));
  SUBCASE("at once over a fair line") {
    e.socket.shutdown(tcp::socket::shutdown_send);
    CHECK(e.until([&] { return e.over; }));
  }
  SUBCASE("after the cut over one that is cut") {
    e.change({.cut = true});
    e.socket.shutdown(tcp::socket::shutdown_send);
    e.io.run_for(50ms);
    CHECK_FALSE(e.over);
    e.change({});
    CHECK(e.until([&] { return e.over; }));
  }
}

TEST_CASE("fault_proxy: a narrow line carries as much as it is wide, and all of it in the end") {
  exchange e;
  e.line.bytes_per_second = 400'000;
  e.call();
  const auto text = numbers(20'000); // 109 KB
  const auto began = std::chrono::steady_clock::now();
  e.say(text);
  CHECK(e.until([&] { return e.heard.size() == text.size(); }));
  CHECK(e.heard == text);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(took.count() >= static_cast<double>(text.size()) / 400'000);
}

TEST_CASE("fault_proxy: a stranger is not put through") {
  exchange e;
  e.caller.clear();
  e.call();
  CHECK(e.until([&] { return e.over; }));
  CHECK(e.behind.callers == 0);
}

TEST_CASE("fault_proxy: its end is the end of its lines") {
  asio::io_context io;
  echo behind(io);
  auto proxy = std::make_unique<fault_proxy>(
      io, behind.door.local_endpoint().port(), [](const tcp::socket&) { return "somebody"; },
      [](const std::string&) { return weather{.cut = true}; });
  tcp::socket caller(io);
  caller.connect({asio::ip::address_v4::loopback(), proxy->port()});
  io.run_for(20ms);
  proxy.reset();
  bool over = false;
  char byte = 0;
  caller.async_read_some(asio::buffer(&byte, 1),
                         [&](error_code error, std::size_t) { over = error.failed(); });
  for (int i = 0; i < 600 && !over; ++i)
    io.run_one_for(100ms);
  CHECK(over);
}

TEST_CASE("socket_owner: a connection of this process is known by its ports") {
  asio::io_context io;
  tcp::acceptor door(io, {asio::ip::address_v4::loopback(), 0});
  tcp::socket caller(io);
  caller.connect(door.local_endpoint());
  const auto called = door.accept();
  const auto inode =
      argosy::bench::inode_of(called.remote_endpoint().port(), called.local_endpoint().port());
  REQUIRE(inode.has_value());
  CHECK(argosy::bench::holds_socket(::getpid(), *inode));
  CHECK_FALSE(argosy::bench::holds_socket(::getppid(), *inode));
  CHECK_FALSE(argosy::bench::holds_socket(0, *inode));
}

TEST_CASE("socket_owner: finds the socket in the table of the kernel, by both of its ports") {
  constexpr auto table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "11 1 0000000000000000 100 0 0 10 0\n"
      "   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 "
      "22 1 0000000000000000 20 4 30 10 -1\n"
      "   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 "
      "33 1 0000000000000000 20 4 30 10 -1\n"
      "   3: 0100007F:C351 0100007F:1F90 06 00000000:00000000 03:00000F2B 00000000     0        0 "
      "0 3 0000000000000000\n";
  using argosy::bench::inode_in;
  CHECK(inode_in(table, 50'000, 8'080) == 22);
  CHECK(inode_in(table, 8'080, 50'000) == 33);
  CHECK_FALSE(inode_in(table, 50'001, 8'080).has_value()); // no process holds it any more
  CHECK_FALSE(inode_in(table, 50'002, 8'080).has_value());
  CHECK_FALSE(inode_in("", 1, 2).has_value());
}
