// The whole load generator against a stand-in node: several client processes, real sockets.
#include "bench/scenario.hpp"
#include "tests/bench/stand_in_node.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <unistd.h>

using namespace argosy::bench;

namespace {

bench_options quick(const stand_in_node& node, std::uint32_t connections) {
  bench_options o;
  o.connections = connections;
  o.seconds = 0.2;
  o.bare_seconds = 0.02;
  o.timeout_s = 20;
  o.processes = 2;
  o.port = node.port();
  o.pid = ::getpid(); // the node is a thread of ours
  o.secret = "secret";
  return o;
}

} // namespace

TEST_CASE("fanout: every member gets every publication, over the API or a connection") {
  const stand_in_node node({});
  for (const auto* dialect : {"json", "capnp"})
    for (const auto* way : {"api", "connection"}) {
      CAPTURE(dialect);
      CAPTURE(way);
      auto options = quick(node, 25);
      options.dialect = dialect;
      options.publish_by = way;
      const auto report = run_fanout(options);
      CHECK(report.connections == 25);
      CHECK(report.errors == 0);
      CHECK(report.deliveries_per_s.value_or(0) > 0);
      CHECK(report.ratio_to_bare_send().value_or(0) > 0);
      REQUIRE(report.latency);
      CHECK(report.latency->p50 <= report.latency->p999);
    }
}

TEST_CASE("rooms: what a member publishes reaches its room and only that") {
  const stand_in_node node({});
  for (const auto* dialect : {"json", "capnp"}) {
    CAPTURE(dialect);
    auto options = quick(node, 40);
    options.dialect = dialect;
    options.room_size = 5;
    const auto report = run_rooms(options);
    CHECK(report.connections == 40);
    CHECK(report.errors == 0);
    CHECK(report.latency);
  }
}

TEST_CASE("a client that is ready answers the server's pings") {
  const stand_in_node node({.ping_on_subscribe = true}); // delivers to those who answer only
  for (const auto* dialect : {"json", "capnp"}) {
    CAPTURE(dialect);
    auto options = quick(node, 10);
    options.dialect = dialect;
    CHECK(run_fanout(options).errors == 0);
  }
}

TEST_CASE("idle and connect: count who got in") {
  const stand_in_node node({});
  for (const auto* dialect : {"json", "capnp"}) {
    CAPTURE(dialect);
    auto options = quick(node, 30);
    options.dialect = dialect;
    const auto idle = run_idle(options);
    CHECK(idle.connections == 30);
    CHECK(idle.kernel_bytes_per_connection);
    const auto connect = run_connect(options);
    CHECK(connect.connections == 30);
    CHECK(connect.errors == 0);
  }
}

TEST_CASE("a refusal ends the run with what the server said") {
  const stand_in_node no_entry({.refuse_connect = true}), mute({.refuse_publish = true});
  for (const auto* dialect : {"json", "capnp"}) {
    CAPTURE(dialect);
    auto options = quick(no_entry, 4);
    options.dialect = dialect;
    CHECK_THROWS_WITH_AS(run_fanout(options), doctest::Contains("unauthorized"),
                         std::runtime_error);
    options.port = mute.port();
    options.publish_by = "connection";
    CHECK_THROWS_WITH_AS(run_fanout(options), doctest::Contains("publisher: 103"),
                         std::runtime_error);
    options.room_size = 4;
    CHECK_THROWS_WITH_AS(run_rooms(options), doctest::Contains("the server refused: 103"),
                         std::runtime_error);
  }
}

TEST_CASE("clients that are cut off are told about, with the close code") {
  const stand_in_node node({.close_on_publish = true});
  CHECK_THROWS_WITH_AS(run_fanout(quick(node, 4)), doctest::Contains("3004 internal"),
                       std::runtime_error);
}

TEST_CASE("a server that is not there is one sentence") {
  bench_options options;
  options.connections = 1;
  options.port = 1;
  options.timeout_s = 5;
  CHECK_THROWS_WITH_AS(run_fanout(options), doctest::Contains("connect"), std::runtime_error);
  options.target = "carrier-pigeon";
  CHECK_THROWS_WITH_AS(run_fanout(options), doctest::Contains("carrier-pigeon"),
                       std::runtime_error);
  options.target = "centrifugo";
  options.dialect = "capnp";
  CHECK_THROWS_WITH_AS(run_fanout(options), doctest::Contains("--dialect capnp"),
                       std::runtime_error);
}
