// The cluster port between nodes: names, reload, back-pressure, and dials that fail.
#include "net/listener.hpp"
#include "tests/cluster_edge/fixture.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <set>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace argosy::test {

using namespace std::chrono_literals;
using net::refusal;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What `from` says of a dial to `to` that does not become a stream.
std::string why_not(edge_fixture& from, const std::string& to) {
  return from.taker->why_of(from.edge->dial(to));
}

} // namespace

TEST_CASE("edge: a dial opens one stream on each side, with names, figures and the same token") {
  papers p;
  edge_fixture a{p.of("a")};
  edge_fixture b{p.of("b")};
  const auto c = a.edge->dial(b.address());
  REQUIRE(a.taker->wait_streams(1));
  REQUIRE(b.taker->wait_streams(1));
  const auto out = a.taker->streams().front();
  const auto in = b.taker->streams().front();
  CHECK(out.connection == c);
  CHECK(out.node == "b");
  CHECK_FALSE(out.inbound);
  CHECK(in.node == "a");
  CHECK(in.inbound);
  CHECK(in.certified);
  CHECK(in.token == out.token);
  REQUIRE(::write(out.socket, "ahoy", 4) == 4);
  CHECK(eventually([&] {
    const auto f = b.edge->figures();
    return f.streams.size() == 1 && f.streams[0].bytes_in == 4 && f.streams[0].node == "a";
  }));
  CHECK(a.edge->figures().streams.at(0).bytes_out == 4);
  CHECK(a.edge->figures().dialled == 1);
  CHECK(b.edge->figures().opened == 1);
}

TEST_CASE("edge: nodes of two clusters, or of one name, are told why not") {
  papers p;
  edge_fixture b{p.of("b")};
  SUBCASE("the node itself") {
    CHECK(why_not(b, b.address()) == "the address " + b.address() + " is that of this node itself");
  }
  SUBCASE("the same name") {
    edge_fixture other{p.of("b")};
    CHECK(why_not(other, b.address())
          == "another node is named b, too; give each node a name of its own");
    CHECK(eventually([&] { return b.edge->figures()[refusal::name_clash] == 1; }));
  }
  SUBCASE("another cluster with the same CA") {
    papers navy{"navy"};
    navy.authority = p.authority;
    write_file(navy.where.file("ca.crt"), p.authority.pem);
    edge_fixture other{navy.of("a")};
    CHECK(has(why_not(other, b.address()), "of the cluster fleet, but this is navy"));
  }
  SUBCASE("another cluster without TLS") {
    edge_fixture plain{insecure("b")};
    auto settings = insecure("a");
    settings.cluster = "navy";
    edge_fixture other{settings};
    CHECK(has(why_not(other, plain.address()), "belongs to the cluster fleet, but this is navy"));
  }
  SUBCASE("a foreign CA") {
    papers foreign;
    edge_fixture other{foreign.of("a")};
    CHECK(has(why_not(other, b.address()), "that the cluster's CA does not vouch for"));
    CHECK(eventually([&] { return b.edge->figures()[refusal::untrusted] == 1; }));
  }
  SUBCASE("no TLS against TLS") {
    edge_fixture other{insecure("a")};
    CHECK(why_not(other, b.address()) != "");
    CHECK(eventually([&] { return b.edge->figures()[refusal::not_tls] == 1; }));
  }
  CHECK(b.taker->streams().empty());
}

TEST_CASE("edge: a second node of a connected name is turned away and the first one stays") {
  papers p;
  edge_fixture b{p.of("b")};
  edge_fixture first{p.of("a")};
  edge_fixture second{p.of("a")};
  first.edge->dial(b.address());
  REQUIRE(first.taker->wait_streams(1));
  REQUIRE(b.taker->wait_streams(1));
  CHECK(why_not(second, b.address()) != "");
  CHECK(eventually([&] { return b.edge->figures()[refusal::name_clash] == 1; }));
  CHECK(b.taker->endings().empty());
  CHECK(first.taker->endings().empty());
}

// Only its peers' logs had the reason, and the joiner was silent for ever.
TEST_CASE("edge: who is turned away tells its own log why, once however often it dials") {
  papers p;
  edge_fixture b{p.of("b")};
  edge_fixture plain{insecure("b")};
  const auto check = [](net::edge_settings settings, const std::string& address,
                        std::string_view why) {
    edge_fixture joiner{std::move(settings)};
    const auto own = joiner.warnings.size(); // that it runs without TLS
    for (int i = 0; i < 3; ++i)
      CHECK(has(why_not(joiner, address), why));
    // The kernel may lose the alert of who closes, so there may be another sentence for it.
    const std::vector<std::string> said{joiner.warnings.begin() + static_cast<std::ptrdiff_t>(own),
                                        joiner.warnings.end()};
    REQUIRE(!said.empty());
    CHECK(std::set<std::string>{said.begin(), said.end()}.size() == said.size());
    for (const auto& sentence : said) {
      CHECK_MESSAGE(has(sentence, why), sentence);
      CHECK_MESSAGE(has(sentence, address), sentence);
    }
  };
  SUBCASE("a new CA that the other one does not trust yet") {
    papers next;
    auto settings = next.of("a");
    const auto both = next.where.file("both.crt");
    write_file(both, next.authority.pem + p.authority.pem);
    settings.files.authority = both;
    check(settings, b.address(), "certificate of this node");
  }
  SUBCASE("a foreign CA") {
    papers foreign;
    check(foreign.of("a"), b.address(), "does not vouch for");
  }
  SUBCASE("no TLS against TLS") {
    check(insecure("a"), b.address(), "cluster.insecure");
  }
  SUBCASE("TLS against no TLS") {
    check(p.of("a"), plain.address(), "cluster.insecure");
  }
}

TEST_CASE("edge: dials to nobody, to nonsense and to a silent listener") {
  papers p;
  auto settings = p.of("a");
  settings.handshake_deadline = 300ms;
  edge_fixture a{settings};
  SUBCASE("nobody") {
    std::string address;
    {
      const edge_fixture gone{p.of("b")};
      address = gone.address();
    }
    CHECK(why_not(a, address) == "cannot reach " + address + ": Connection refused");
    CHECK(a.taker->endings().front().refused);
  }
  SUBCASE("nonsense") {
    CHECK(why_not(a, "nonsense") == "the address \"nonsense\" is not host:port; correct it");
    CHECK_FALSE(a.taker->endings().front().refused);
  }
  SUBCASE("silence") {
    auto listener = net::listen_exclusively({"127.0.0.1", 0, false}, 4);
    const auto address = "127.0.0.1:" + std::to_string(net::port_of(listener.socket));
    CHECK(why_not(a, address)
          == "the node at " + address + " was not done within the handshake deadline");
    CHECK_FALSE(a.taker->endings().front().refused);
  }
}

TEST_CASE("edge: a reader that does not read costs bounded memory, and gets all in the end") {
  papers p;
  edge_fixture a{p.of("a")};
  edge_fixture b{p.of("b")};
  a.edge->dial(b.address());
  REQUIRE(a.taker->wait_streams(1));
  REQUIRE(b.taker->wait_streams(1));
  const int from = a.taker->streams().front().socket;
  const int to = b.taker->streams().front().socket;
  // Frames of BASP: a head of 32 bytes that announces 65,504 more.
  std::string frame(64U << 10U, 'f');
  frame.replace(0, 8, std::string{"\0\0\0\0\0\0\xff\xe0", 8});
  std::size_t offered = 0;
  std::size_t at = 0;
  for (pollfd p1{from, POLLOUT, 0}; ::poll(&p1, 1, 500) == 1;) {
    const auto n = ::send(from, frame.data() + at, frame.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      at = (at + static_cast<std::size_t>(n)) % frame.size();
      offered += static_cast<std::size_t>(n);
    }
    REQUIRE(offered < 64U << 20U);
  }
  // What fits is what two sockets of the kernel and two socket pairs hold.
  CHECK(offered < 24U << 20U);
  std::size_t got = 0;
  std::string sink(1U << 20U, '\0');
  CHECK(eventually([&] {
    const auto n = ::recv(to, sink.data(), sink.size(), MSG_DONTWAIT);
    got += n > 0 ? static_cast<std::size_t>(n) : 0;
    return got == offered;
  }));
}

TEST_CASE("edge: reload takes new papers, keeps the old ones if the new are bad, ends no stream") {
  papers p;
  papers next;
  edge_fixture a{p.of("a")};
  edge_fixture c{p.of("c")};
  edge_fixture b{p.of("b")};
  a.edge->dial(b.address());
  REQUIRE(a.taker->wait_streams(1));
  const auto key = read_file(p.where.file("b.key"));

  write_file(p.where.file("b.key"), "no key");
  CHECK(has(b.edge->reload(),
            "`cluster.key_file` names \"" + p.where.file("b.key") + "\", which cannot be used"));
  next.issue("b");
  write_file(p.where.file("b.key"), read_file(next.where.file("b.key")));
  CHECK(has(b.edge->reload(), "does not belong to the certificate"));
  write_file(p.where.file("b.crt"), read_file(next.where.file("b.crt")));
  CHECK(has(b.edge->reload(), "is not accepted by the CA"));
  p.issue_for({"fleet", "d"}, "b");
  CHECK(has(b.edge->reload(), "is for argosy://fleet/d, but this node is argosy://fleet/b"));
  p.issue("b", {-2h, -1h});
  CHECK(has(b.edge->reload(), "certificate has expired"));
  c.edge->dial(b.address()); // the old papers still serve
  REQUIRE(c.taker->wait_streams(1));
  c.edge->close(c.taker->streams().front().connection);

  for (const auto* file : {"ca.crt", "b.crt", "b.key"})
    write_file(p.where.file(file), read_file(next.where.file(file)));
  CHECK(b.edge->reload() == "");
  CHECK(has(why_not(c, b.address()), "does not vouch for"));
  edge_fixture d{next.of("d")};
  d.edge->dial(b.address());
  CHECK(d.taker->wait_streams(1));
  CHECK(a.taker->endings().empty());
}

TEST_CASE("edge: without TLS it says so at each start; with bad papers it does not start") {
  edge_fixture plain{insecure("a")};
  REQUIRE(plain.warnings.size() == 1);
  CHECK(has(plain.warnings.front(), "runs without TLS"));
  papers p;
  auto settings = p.of("b");
  settings.files.authority = p.where.file("missing.crt");
  net::cluster_edge b{settings};
  CHECK(has(b.start(),
            "`cluster.ca_file` names \"" + settings.files.authority + "\", which cannot be used"));
}

} // namespace argosy::test
