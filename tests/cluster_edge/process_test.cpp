// Nodes in processes of their own: killed, frozen, and as fast as they go.
#include "tests/cluster_edge/fixture.hpp"
#include "tests/cluster_edge/peer_process.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

namespace argosy::test {

using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

std::shared_ptr<const std::string> batch_of(std::size_t size) {
  return std::make_shared<const std::string>(size, 'b');
}

/// Sends `count` batches with at most 8 MiB under way, as a link does; the seconds it took.
double pour(basp_node& from, cluster::peer_connection c, std::size_t size, std::size_t count) {
  std::atomic<std::uint64_t> acknowledged{0};
  std::mutex mutex;
  std::condition_variable more;
  from.heard.on_batch([&](const cluster::peer_received& r) {
    acknowledged = std::stoull(*r.batch);
    const std::lock_guard lock{mutex};
    more.notify_all();
  });
  const auto reach = [&](std::uint64_t bytes) {
    std::unique_lock lock{mutex};
    return more.wait_for(lock, patience, [&] { return acknowledged >= bytes; });
  };
  const auto batch = batch_of(size);
  const auto began = clock::now();
  std::uint64_t sent = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (sent > 8U << 20U)
      REQUIRE(reach(sent - (8U << 20U)));
    from.transport().send(c, batch);
    sent += size;
  }
  REQUIRE(reach(sent / acknowledged_bytes * acknowledged_bytes));
  from.heard.on_batch(nullptr);
  return std::chrono::duration<double>(clock::now() - began).count();
}

} // namespace

TEST_CASE("process: three nodes in three processes take what is sent") {
  papers p;
  p.issue("b");
  p.issue("c");
  basp_node a{p.of("a")};
  peer_process b{"b", p.where.path()};
  peer_process c{"c", p.where.path()};
  const auto to_b = a.connect(b.address());
  const auto to_c = a.connect(c.address());
  pour(a, to_b, 1000, 20'000);
  pour(a, to_c, 100'000, 200);
  CHECK(a.heard.closed().empty());
}

TEST_CASE("process: a killed peer is closed at once, and its address then refuses") {
  papers p;
  p.issue("b");
  basp_node a{p.of("a")};
  peer_process b{"b", p.where.path()};
  const auto c = a.connect(b.address());
  const auto began = clock::now();
  b.signal(SIGKILL);
  REQUIRE(a.heard.wait_closed(1));
  CHECK(clock::now() - began < 1s);
  CHECK(a.heard.closed().front().connection == c);
  // A dying process gives its descriptors back one by one: the listener may be the last of them.
  for (std::size_t dials = 1; !a.heard.closed().back().refused; ++dials) {
    REQUIRE(dials < 100);
    a.transport().dial(b.address());
    REQUIRE(a.heard.wait_closed(dials + 1));
  }
}

TEST_CASE("process: a frozen peer is noticed by its silence, though nothing is sent to it") {
  papers p;
  p.issue("b");
  basp_node a{p.of("a")};
  peer_process b{"b", p.where.path()};
  a.connect(b.address());
  b.signal(SIGSTOP);
  const auto began = clock::now();
  REQUIRE(a.heard.wait_closed(1));
  const auto took = clock::now() - began;
  CHECK(took > 3s);
  CHECK(took < 8s);
  CHECK(a.heard.closed().front().why == "the node b is gone or has been silent for too long");
  CHECK(eventually([&] { return a.edge().figures().streams.empty(); }));
  b.signal(SIGCONT);
  a.connect(b.address()); // the thawed node gives up the old stream and takes the new one
}

TEST_CASE("process: a frozen peer with a full socket before it is noticed and let go of, too") {
  basp_node a{insecure("a")};
  peer_process b{"b", "-"};
  const auto c = a.connect(b.address());
  b.signal(SIGSTOP);
  const auto batch = batch_of(1U << 20U);
  for (int i = 0; i < 32; ++i)
    a.transport().send(c, batch);
  REQUIRE(a.heard.wait_closed(1));
  CHECK(eventually([&] { return a.edge().figures().streams.empty(); }));
  b.signal(SIGCONT);
  a.connect(b.address());
}

TEST_CASE("process: how fast batches go" * doctest::skip()) {
  papers p;
  p.issue("b");
  for (const bool tls : {false, true}) {
    basp_node a{tls ? p.of("a") : insecure("a")};
    peer_process b{"b", tls ? p.where.path() : "-"};
    const auto c = a.connect(b.address());
    for (const std::size_t size : {1UL << 10U, 64UL << 10U}) {
      const std::size_t count = size == 1024 ? 400'000 : 20'000;
      const auto seconds = pour(a, c, size, count);
      std::printf("%s, %6zu B: %9.0f batches/s, %7.1f MB/s\n", tls ? "TLS  " : "plain", size,
                  static_cast<double>(count) / seconds,
                  static_cast<double>(count * size) / seconds / 1e6);
    }
  }
}

} // namespace argosy::test
