// The cluster port against whoever should not get in, and what that costs.
#include "net/cluster/preface.hpp"
#include "tests/cluster_edge/fixture.hpp"
#include "tests/cluster_edge/stranger.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

namespace argosy::test {

using namespace std::chrono_literals;
using net::refusal;

namespace {

/// How many were refused for that reason, once there are some.
std::uint64_t count(const edge_fixture& e, refusal r) {
  eventually([&] { return e.edge->figures()[r] > 0; });
  return e.edge->figures()[r];
}

std::uint64_t refused_in_all(const edge_fixture& e) {
  const auto f = e.edge->figures();
  std::uint64_t sum = 0;
  for (const auto n : f.refused)
    sum += n;
  return sum;
}

/// A stranger with that certificate is turned away for that reason and no other.
void check_turned_away(edge_fixture& e, const std::string& certificate, const std::string& key,
                       refusal r) {
  stranger s{e.edge->port()};
  s.start_tls(certificate, key); // in TLS 1.3 the client is done before it is judged
  CHECK(s.closed_by_peer());
  CHECK_MESSAGE(count(e, r) == 1, to_string(r));
  CHECK(refused_in_all(e) == 1);
  CHECK(e.taker->streams().empty());
  CHECK(eventually([&] { return e.edge->figures().pending == 0; }));
}

std::chrono::nanoseconds cpu_time() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

} // namespace

TEST_CASE("edge: silent and half-open strangers are closed at the deadline and cost no CPU") {
  papers p;
  auto settings = p.of("b");
  settings.handshake_deadline = 1s;
  edge_fixture b{settings};
  std::vector<stranger> strangers;
  for (int i = 0; i < 4; ++i)
    strangers.emplace_back(b.edge->port());
  strangers[1].send("\x16");
  strangers[2].send(std::string_view{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11});
  const auto began = std::chrono::steady_clock::now();
  const auto cpu_before = cpu_time();
  CHECK(std::all_of(strangers.begin(), strangers.end(),
                    [](stranger& s) { return s.closed_by_peer(); }));
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  CHECK(cpu_time() - cpu_before < 100ms); // one that spins takes the whole second
  CHECK(count(b, refusal::too_late) == 4);
  CHECK(b.edge->figures().accepted == 4);
  CHECK(eventually([&] { return b.edge->figures().pending == 0; }));
}

TEST_CASE("edge: garbage is closed at once and counted, and who hangs up is, too") {
  papers p;
  edge_fixture b{p.of("b")};
  {
    stranger s{b.edge->port()};
    s.send("GET / HTTP/1.1\r\nHost: fleet\r\n\r\n");
    CHECK(s.closed_by_peer());
    CHECK(count(b, refusal::not_tls) == 1);
  }
  { const stranger gone{b.edge->port()}; }
  CHECK(count(b, refusal::hung_up) == 1);
  const std::lock_guard lock{b.warnings_mutex};
  CHECK(b.warnings.size() == 2);
}

TEST_CASE("edge: a stranger without a certificate, or with one of a foreign CA, is turned away") {
  papers p;
  papers foreign;
  foreign.issue("a");
  SUBCASE("none") {
    edge_fixture b{p.of("b")};
    check_turned_away(b, "", "", refusal::untrusted);
  }
  SUBCASE("foreign") {
    edge_fixture b{p.of("b")};
    check_turned_away(b, foreign.where.file("a.crt"), foreign.where.file("a.key"),
                      refusal::untrusted);
  }
}

TEST_CASE("edge: certificates that are expired, not yet valid, nameless or another cluster's") {
  papers p;
  edge_fixture b{p.of("b")};
  const auto check = [&](const net::node_name& who, const net::validity& v, refusal r) {
    p.issue_for(who, "odd", v);
    check_turned_away(b, p.where.file("odd.crt"), p.where.file("odd.key"), r);
  };
  SUBCASE("expired") {
    check({"fleet", "a"}, {-2h, -1h}, refusal::expired);
  }
  SUBCASE("not yet valid") {
    check({"fleet", "a"}, {1h, 2h}, refusal::expired);
  }
  SUBCASE("nameless") {
    check({"fleet", ""}, {}, refusal::unnamed);
  }
  SUBCASE("another cluster") {
    check({"navy", "a"}, {}, refusal::wrong_cluster);
  }
}

TEST_CASE("edge: who is authenticated but says another name, or no hello, is turned away") {
  papers p;
  edge_fixture b{p.of("b")};
  p.issue("c");
  stranger s{b.edge->port()};
  REQUIRE(s.start_tls(p.where.file("c.crt"), p.where.file("c.key")));
  SUBCASE("another name") {
    s.send(encode(net::hello{"fleet", "d", {}, {}}));
    CHECK(s.closed_by_peer());
    CHECK(count(b, refusal::unnamed) == 1);
  }
  SUBCASE("no hello") {
    s.send("anything but a hello");
    CHECK(s.closed_by_peer());
    CHECK(count(b, refusal::wrong_preface) == 1);
  }
  CHECK(b.taker->streams().empty());
}

TEST_CASE("edge: a peer that announces four gigabytes is closed before BASP hears of it") {
  edge_fixture b{insecure("b")};
  stranger s{b.edge->port()};
  s.send(encode(net::hello{"fleet", "z", {}, {}}));
  const auto hello = encode(net::hello{"fleet", "b", {}, {}});
  CHECK(s.receive(hello.size()).size() == hello.size());
  s.send(std::string(16, '\0')); // holds no stream; b decides
  REQUIRE(s.receive(1) == "g");
  REQUIRE(b.taker->wait_streams(1));
  std::string head(32, '\0');
  head.replace(4, 4, "\xff\xff\xff\xff");
  s.send(head);
  CHECK(s.closed_by_peer());
  CHECK(count(b, refusal::frame_bounds) == 1);
}

TEST_CASE("edge: at most so many shake hands at once, in all and from one address") {
  papers p;
  auto settings = p.of("b");
  const auto check = [&](refusal r) {
    edge_fixture b{settings};
    std::vector<stranger> inside;
    for (int i = 0; i < 2; ++i)
      inside.emplace_back(b.edge->port());
    REQUIRE(eventually([&] { return b.edge->figures().pending == 2; }));
    stranger outside{b.edge->port()};
    CHECK(outside.closed_by_peer());
    CHECK(count(b, r) == 1);
    inside.clear();
    REQUIRE(eventually([&] { return b.edge->figures().pending == 0; }));
    edge_fixture a{p.of("a")};
    a.edge->dial(b.address());
    CHECK(a.taker->wait_streams(1));
  };
  SUBCASE("one address") {
    settings.pending_per_address_max = 2;
    check(refusal::crowded_address);
  }
  SUBCASE("in all") {
    settings.pending_max = 2;
    check(refusal::crowded);
  }
}

} // namespace argosy::test
