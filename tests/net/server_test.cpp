#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>

#include <thread>

namespace argosy::test {

namespace {

// ThreadSanitizer takes equal descriptor numbers of two private tables for one descriptor.
#ifdef __SANITIZE_THREAD__
constexpr bool one_table_only = true;
#else
constexpr bool one_table_only = false;
#endif

} // namespace

TEST_CASE("server: a port that is taken is one sentence with address, port and remedy") {
  recording_gateway gateway;
  net::server first{test_settings(), gateway};
  REQUIRE(first.start() == "");
  auto s = test_settings();
  s.endpoints[0].port = first.port();
  net::server second{s, gateway};
  const auto error = second.start();
  CHECK(error
        == "cannot listen on 127.0.0.1 port " + std::to_string(first.port())
               + ": Address already in use; stop the other program or choose another port");
}

TEST_CASE("server: an address that is none, or not ours, is refused with a sentence") {
  recording_gateway gateway;
  auto s = test_settings();
  s.endpoints[0].address = "localhost";
  CHECK(net::server{s, gateway}.start().find("names are not looked up") != std::string::npos);
  s.endpoints[0].address = "192.0.2.1";
  CHECK(net::server{s, gateway}.start().find("this machine has no such address")
        != std::string::npos);
}

TEST_CASE("server: impossible heartbeat settings are refused with a sentence") {
  recording_gateway gateway;
  auto s = test_settings();
  s.pong_timeout = s.ping_interval;
  CHECK(net::server{s, gateway}.start().find("must be shorter") != std::string::npos);
}

TEST_CASE(
    "server: the number of loops follows the cores, and the descriptor limit where it is small") {
  net::settings s;
  s.connections_max = 10'000;
  CHECK(net::plan_loops(s, 2, 20'000).loops == 2);
  CHECK_FALSE(net::plan_loops(s, 2, 20'000).private_descriptors);
  s.connections_max = 1'000'000;
  CHECK(net::plan_loops(s, 2, 20'000).loops == 55);
  CHECK(net::plan_loops(s, 2, 20'000).private_descriptors);
  CHECK(net::plan_loops(s, 2, 2'000'000).loops == 2);
  CHECK_FALSE(net::plan_loops(s, 2, 2'000'000).private_descriptors);
  s.connections_max = 30'000;
  CHECK(net::plan_loops(s, 2, 20'000).private_descriptors);
  s.connections_max = 0; // not said: what a loop a core can hold, whatever the limit
  CHECK(net::plan_loops(s, 2, 20'000).loops == 2);
  CHECK(net::plan_loops(s, 2, 20'000).private_descriptors);
  CHECK(net::plan_loops(s, 2, 20'000).connections_max == 37'000);
  CHECK_FALSE(net::plan_loops(s, 2, 1'000'000).private_descriptors);
  CHECK(net::plan_loops(s, 2, 1'000'000).connections_max == 998'500);
  s.loops = 7;
  CHECK(net::plan_loops(s, 2, 20'000).loops == 7);
}

TEST_CASE("server: loops with private descriptor tables share one port and can be reached by wake "
          "and post"
          * doctest::skip(one_table_only)) {
  auto s = test_settings();
  s.loops = 3;
  s.force_private_descriptors = true;
  recording_gateway gateway;
  recording_http http;
  net::server server{s, gateway, &http};
  REQUIRE(server.start() == "");
  std::vector<std::unique_ptr<client>> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(std::make_unique<client>(server.port()));
    all.back()->upgrade();
    all.back()->send_text("hello");
    REQUIRE(all.back()->next()->payload == "hello");
  }
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(server.stats(i).open_websockets.value() > 0);
    std::uint32_t index = 99;
    on_loop(server.loop(i), [&] { index = server.loop(i).index(); });
    CHECK(index == i);
  }
  client c{server.port()};
  c.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(c.read_answer().body == "GET /x");
  server.stop();
  CHECK(all[0]->close_code() == 1001);
}

TEST_CASE("server: a loop with a private descriptor table does not hold the sockets of others open"
          * doctest::skip(one_table_only)) {
  const int pair_end = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(pair_end, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(pair_end, 1) == 0);
  socklen_t size = sizeof address;
  getsockname(pair_end, reinterpret_cast<sockaddr*>(&address), &size);
  client theirs{ntohs(address.sin_port)};
  const int ours = accept(pair_end, nullptr, nullptr);
  auto s = test_settings();
  s.force_private_descriptors = true;
  recording_gateway gateway;
  net::server server{s, gateway};
  REQUIRE(server.start() == "");
  ::close(ours);
  ::close(pair_end);
  CHECK(theirs.sees_end());
}

namespace {

// A mailbox: counts what is put in from other threads.
class mailbox final : public loop_work {
public:
  bool run() override {
    ran_on = std::this_thread::get_id();
    handled += waiting.exchange(0);
    return false;
  }
  std::atomic<int> waiting{0};
  std::atomic<int> handled{0};
  std::thread::id ran_on;
};

} // namespace

TEST_CASE("server: a wake is never lost, however often loop and caller miss each other") {
  recording_gateway gateway;
  mailbox work;
  net::server server{test_settings(), gateway};
  server.attach(0, work);
  REQUIRE(server.start() == "");
  const int rounds = 20'000;
  for (int i = 0; i < rounds; ++i) {
    work.waiting.fetch_add(1);
    server.loop(0).wake();
    if (i % 64 == 0)
      REQUIRE(eventually([&] { return work.handled.load() == i + 1; }));
  }
  CHECK(eventually([&] { return work.handled.load() == rounds; }));
  server.stop();
  CHECK(work.ran_on != std::this_thread::get_id());
}

TEST_CASE("server: each endpoint gets its own port") {
  auto s = test_settings();
  s.endpoints.push_back({"127.0.0.2", 0, false});
  recording_gateway gateway;
  net::server server{s, gateway};
  REQUIRE(server.start() == "");
  CHECK(server.port(0) != 0);
  CHECK(server.port(1) != 0);
}

} // namespace argosy::test
