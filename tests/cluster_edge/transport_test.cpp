// The BASP transport over real sockets, several nodes in this process.
#include "tests/cluster_edge/fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <map>
#include <string>

namespace argosy::test {

namespace {

constexpr std::size_t many = 100'000;

std::string numbered(std::uint64_t n, std::size_t size) {
  std::string bytes(size, 'b');
  std::memcpy(bytes.data(), &n, sizeof n);
  return bytes;
}

/// Counts the batches that do not come in the order of their numbers.
struct order {
  void watch(events& e) {
    e.on_batch([this](const cluster::peer_received& r) {
      std::uint64_t n = 0;
      std::memcpy(&n, r.batch->data(), sizeof n);
      if (n != next[r.connection]++)
        ++wrong;
    });
  }
  std::map<cluster::peer_connection, std::uint64_t> next; ///< the owner's thread only
  std::atomic<std::size_t> wrong{0};
};

/// What an application does with 100,000 batches each way.
void exchange(basp_node& a, basp_node& b, cluster::peer_connection from_a,
              cluster::peer_connection from_b) {
  order at_a;
  order at_b;
  at_a.watch(a.heard);
  at_b.watch(b.heard);
  for (std::uint64_t i = 0; i < many; ++i) {
    const std::size_t size = 8 + i % 200 + (i % 1000 == 0 ? 100'000 : 0);
    a.send(from_a, numbered(i, size));
    b.send(from_b, numbered(i, size));
  }
  CHECK(b.heard.wait_batches(many));
  CHECK(a.heard.wait_batches(many));
  CHECK(at_a.wrong == 0);
  CHECK(at_b.wrong == 0);
  a.heard.on_batch(nullptr);
  b.heard.on_batch(nullptr);
}

} // namespace

TEST_CASE("basp: 100,000 batches each way arrive in order, with TLS") {
  papers p;
  basp_node a{p.of("a")};
  basp_node b{p.of("b")};
  const auto c = a.connect(b.address());
  REQUIRE(b.heard.wait_opened(1));
  const auto inbound = b.heard.opened().front();
  CHECK(inbound.inbound);
  CHECK(inbound.certified_name == "a");
  CHECK(a.heard.opened().front().certified_name == "b");
  exchange(a, b, c, inbound.connection);
}

TEST_CASE("basp: 100,000 batches each way arrive in order, without TLS and names") {
  basp_node a{insecure("a")};
  basp_node b{insecure("b")};
  const auto c = b.connect(a.address());
  REQUIRE(a.heard.wait_opened(1));
  CHECK(a.heard.opened().front().certified_name == "");
  exchange(a, b, a.heard.opened().front().connection, c);
}

TEST_CASE("basp: three nodes in a full mesh keep their streams apart") {
  papers p;
  basp_node a{p.of("a")};
  basp_node b{p.of("b")};
  basp_node c{p.of("c")};
  const auto ab = a.connect(b.address());
  const auto bc = b.connect(c.address());
  const auto ca = c.connect(a.address());
  order at_a;
  at_a.watch(a.heard);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    a.send(ab, numbered(i, 64));
    b.send(bc, numbered(i, 64));
    c.send(ca, numbered(i, 64));
  }
  CHECK(a.heard.wait_batches(1000));
  CHECK(b.heard.wait_batches(1000));
  CHECK(c.heard.wait_batches(1000));
  CHECK(at_a.wrong == 0);
  CHECK(a.heard.opened().size() == 2);
}

TEST_CASE("basp: closing tells both sides, and the next dial works") {
  papers p;
  basp_node a{p.of("a")};
  basp_node b{p.of("b")};
  for (std::size_t round = 1; round <= 20; ++round) {
    const bool forth = round % 2 == 0;
    auto& dialler = forth ? a : b;
    auto& other = forth ? b : a;
    const auto c = dialler.connect(other.address());
    REQUIRE(a.heard.wait_opened(round));
    REQUIRE(b.heard.wait_opened(round));
    (round % 3 == 0 ? a : b)
        .transport()
        .close((round % 3 == 0 ? a : b).heard.opened().back().connection);
    CHECK(a.heard.wait_closed(round));
    CHECK(b.heard.wait_closed(round));
    CHECK(dialler.heard.closed().back().connection == c);
    dialler.send(c, "after the end"); // goes nowhere
  }
  CHECK(a.heard.batches() == 0);
  CHECK(b.heard.batches() == 0);
}

TEST_CASE("basp: a node that goes down is closed on the other side") {
  papers p;
  basp_node a{p.of("a")};
  auto b = std::make_unique<basp_node>(p.of("b"));
  const auto c = a.connect(b->address());
  const auto address = b->address();
  b.reset();
  REQUIRE(a.heard.wait_closed(1));
  CHECK(a.heard.closed().front().connection == c);
  CHECK_FALSE(a.heard.closed().front().refused);
  const auto again = a.transport().dial(address);
  REQUIRE(a.heard.wait_closed(2));
  CHECK(a.heard.closed().back().connection == again);
  CHECK(a.heard.closed().back().refused);
}

TEST_CASE("basp: nodes that dial each other at once end up with one stream, every time") {
  basp_node a{insecure("a")};
  basp_node b{insecure("b")};
  for (std::size_t round = 1; round <= 30; ++round) {
    const auto before = a.heard.closed().size() + b.heard.closed().size();
    a.dial(b);
    b.dial(a);
    REQUIRE(a.heard.wait_opened(round));
    REQUIRE(b.heard.wait_opened(round));
    // the other dial is told that it was not needed
    REQUIRE(eventually(
        [&] { return a.heard.closed().size() + b.heard.closed().size() == before + 1; }));
    a.transport().close(a.heard.opened().back().connection);
    REQUIRE(eventually(
        [&] { return a.heard.closed().size() + b.heard.closed().size() == before + 3; }));
  }
}

TEST_CASE("basp: a second dial to a connected node is told so and disturbs nothing") {
  papers p;
  basp_node a{p.of("a")};
  basp_node b{p.of("b")};
  const auto c = a.connect(b.address());
  const auto second = a.dial(b);
  REQUIRE(a.heard.wait_closed(1));
  CHECK(a.heard.closed().front().connection == second);
  CHECK(a.heard.closed().front().why == "a stream to the node b is open already");
  a.send(c, "still here");
  CHECK(b.heard.wait_batches(1));
}

TEST_CASE("basp: eight MiB go through, more closes the connection") {
  papers p;
  basp_node a{p.of("a")};
  basp_node b{p.of("b")};
  const auto c = a.connect(b.address());
  std::atomic<std::size_t> size{0};
  b.heard.on_batch([&](const cluster::peer_received& r) { size = r.batch->size(); });
  a.send(c, std::string(8U << 20U, 'x'));
  CHECK(b.heard.wait_batches(1));
  CHECK(size == 8U << 20U);
  a.send(c, std::string((8U << 20U) + 1, 'x'));
  CHECK(a.heard.wait_closed(1));
  CHECK(b.heard.wait_closed(1));
  CHECK(b.heard.batches() == 1);
}

} // namespace argosy::test
