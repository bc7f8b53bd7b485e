// probe_socket: real datagrams between two nodes, and strangers in between.
#include "net/cluster/probe_seal.hpp"
#include "net/cluster/probe_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

using argosy::cluster::probe_note;
using argosy::net::probe_seal;
using argosy::net::probe_settings;
using argosy::net::probe_socket;
using udp = boost::asio::ip::udp;

namespace {

constexpr std::chrono::seconds patience{30};

probe_settings settings() {
  probe_settings s;
  s.cluster = "demo";
  s.secret = "thirty-two bytes of a secret ....";
  return s;
}

/// A node that answers each probe.
struct party {
  party(std::string name, std::uint64_t incarnation, probe_settings s = settings())
      : me{std::move(name), incarnation}, socket(std::move(s)) {
    socket.attach([this](const probe_note& note) {
      const std::lock_guard lock{mutex};
      if (!note.answer)
        socket.send(answer_to, {me, note.from, true, note.sequence});
      heard.push_back(note);
      changed.notify_all();
    });
    REQUIRE(socket.start().empty());
  }
  ~party() { socket.stop(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(socket.port()); }
  void answers_to(const std::string& whom) {
    const std::lock_guard lock{mutex};
    answer_to = whom;
  }
  std::vector<probe_note> notes() {
    const std::lock_guard lock{mutex};
    return heard;
  }
  /// Until so many were heard.
  bool hears(std::size_t count) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, patience, [&] { return heard.size() >= count; });
  }

  argosy::cluster::node_identity me;
  std::mutex mutex;
  std::condition_variable changed;
  std::string answer_to;         // guarded by mutex
  std::vector<probe_note> heard; // guarded by mutex
  probe_socket socket;           ///< ends first
};

/// Somebody with a socket and without the secret.
struct stranger {
  boost::asio::io_context loop;
  udp::socket socket{loop, udp::endpoint{udp::v4(), 0}};

  stranger() { socket.non_blocking(true); }
  void send(const std::string& bytes, const party& to) {
    socket.send_to(boost::asio::buffer(bytes),
                   {boost::asio::ip::make_address("127.0.0.1"), to.socket.port()});
  }
  bool was_answered() {
    std::array<char, 512> room{};
    boost::system::error_code error;
    udp::endpoint from;
    socket.receive_from(boost::asio::buffer(room), from, 0, error);
    return !error;
  }
};

std::string sealed(const argosy::net::probe_words& what) {
  std::array<char, argosy::net::probe_bytes_max> out{};
  return {out.data(), probe_seal{settings().secret, settings().cluster}.write(what, out)};
}

} // namespace

TEST_CASE("probe_socket: a probe is heard, and its answer, by whoever asked") {
  party a{"a", 1};
  party b{"b", 2};
  b.answers_to(a.address());
  for (std::uint64_t i = 1; i <= 20; ++i) {
    a.socket.send(b.address(), {a.me, b.me, false, i});
    REQUIRE(a.hears(i));
  }
  const auto last = a.notes().back();
  CHECK(last.answer);
  CHECK(last.sequence == 20);
  CHECK(last.from == b.me);
  CHECK(b.notes().back().to == b.me);
  CHECK(b.socket.figures().heard == 20);
}

TEST_CASE(
    "probe_socket: garbage, forged ones and copies are counted, not heard, and not answered") {
  party b{"b", 2};
  b.answers_to(b.address());
  stranger s;
  const auto good = sealed({"a", 5, "b", 2, false, 1, 1});
  auto forged = good;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  for (int i = 0; i < 10; ++i) {
    s.send("hello", b);
    s.send(std::string(1400, 'x'), b);
    s.send(good.substr(0, good.size() - 1), b);
    s.send(forged, b);
    s.send(good, b); // the first of them is what it says it is, wherever it comes from
  }
  s.send(sealed({"a", 4, "b", 2, false, 1, 9}), b); // an earlier life of a
  s.send(sealed({"a", 6, "b", 2, false, 1, 1}), b); // and a later one
  REQUIRE(b.hears(3)); // two of a, and the answer that b sent to itself
  for (const auto& note : b.notes())
    CHECK((note.from.name == "b" || note.from.incarnation >= 5));
  const auto figures = b.socket.figures();
  CHECK(figures.malformed == 30);
  CHECK(figures.forged == 10);
  CHECK(figures.replayed == 10);
  CHECK_FALSE(s.was_answered());
}

TEST_CASE("probe_socket: senders are remembered up to a number") {
  auto s = settings();
  s.senders_max = 3;
  party b{"b", 2, s};
  b.answers_to(b.address());
  stranger from;
  for (int i = 0; i < 50; ++i)
    from.send(sealed({"n" + std::to_string(i), 1, "b", 2, true, 1, 1}), b);
  from.send(sealed({"n0", 1, "b", 2, true, 1, 2}), b);
  REQUIRE(b.hears(4));
  CHECK(b.socket.figures().replayed == 47);
}

TEST_CASE("probe_socket: an address that is none, or nobody's, is no harm") {
  party a{"a", 1};
  party b{"b", 2};
  b.answers_to(a.address());
  for (const auto* nowhere : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:0"})
    a.socket.send(nowhere, {a.me, b.me, false, 1});
  a.socket.send(b.address(), {a.me, b.me, false, 2});
  REQUIRE(a.hears(1));
  CHECK(a.notes().front().sequence == 2);
}

TEST_CASE("probe_socket: a port that is taken is one sentence") {
  party a{"a", 1};
  auto s = settings();
  s.listen.port = a.socket.port();
  probe_socket second{s};
  const auto problem = second.start();
  CHECK(problem.find(std::to_string(s.listen.port)) != std::string::npos);
  CHECK(problem.find("cluster.secret_file") != std::string::npos);
}
