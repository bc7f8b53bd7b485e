// The pure parts of the cluster port.
#include "net/cluster/frame_guard.hpp"
#include "net/cluster/node_name.hpp"
#include "net/cluster/peer_slots.hpp"
#include "net/cluster/pending_book.hpp"
#include "net/cluster/preface.hpp"

#include <caf/all.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/io/basp/header.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace argosy::test {

using namespace std::chrono_literals;
using net::peer_slots;
using net::verdict;

namespace {

net::hello sample() {
  net::hello h{"fleet", "a-1.east", {}, {}};
  h.instance.fill('i');
  h.token.fill('t');
  return h;
}

peer_slots::newcomer newcomer(cluster::peer_connection c, char life = 'x') {
  peer_slots::newcomer n{c, "b", {}, {}};
  n.instance.fill(life);
  n.token.fill(static_cast<char>('0' + c));
  return n;
}

const peer_slots::time_point start{1h};

} // namespace

TEST_CASE("preface: a hello is read as it was written") {
  const auto bytes = encode(sample());
  const auto size = net::hello_rest_bytes(bytes.substr(0, net::hello_head_bytes));
  REQUIRE(size);
  REQUIRE(bytes.size() == net::hello_head_bytes + *size);
  CHECK(net::decode_hello(bytes.substr(net::hello_head_bytes)) == sample());
}

TEST_CASE("preface: what is cut, too long or badly named is no hello") {
  const auto bytes = encode(sample());
  CHECK_FALSE(net::hello_rest_bytes("GET / HTT"));
  CHECK_FALSE(net::hello_rest_bytes(bytes.substr(0, 8)));
  const auto rest = bytes.substr(net::hello_head_bytes);
  for (std::size_t size = 0; size < rest.size(); ++size)
    CHECK_FALSE(net::decode_hello(rest.substr(0, size)));
  CHECK_FALSE(net::decode_hello(rest + "x"));
  auto odd = sample();
  odd.node = "a/b";
  CHECK_FALSE(net::decode_hello(encode(odd).substr(net::hello_head_bytes)));
  odd.node = "";
  CHECK_FALSE(net::decode_hello(encode(odd).substr(net::hello_head_bytes)));
  CHECK_FALSE(net::to_verdict('x'));
  CHECK(net::to_verdict('g') == verdict::go);
}

TEST_CASE("node_name: a URI of ours, or nothing") {
  using net::node_name;
  CHECK(net::parse_uri("argosy://fleet/a") == node_name{"fleet", "a"});
  CHECK(net::parse_uri("argosy://fleet") == node_name{"fleet", ""});
  for (const auto* text : {"argosy://", "argosy:///a", "argosy://fleet/", "argosy://fleet/a/b",
                           "https://fleet/a", "argosy://fl eet/a", "argosy://fleet/a\n"})
    CHECK_MESSAGE(net::parse_uri(text) == node_name{}, text);
  CHECK(net::to_uri({"fleet", "a"}) == "argosy://fleet/a");
}

TEST_CASE("frame_guard: knows BASP's header as CAF writes it, in any pieces") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto frame = [&](std::uint32_t size, bool whole) {
    caf::io::basp::header h{caf::io::basp::message_type::direct_message, 0, size, 7, 1, 2};
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    REQUIRE_FALSE(sink(h));
    REQUIRE(bytes.size() == net::frame_guard::head_bytes);
    return std::string{bytes.begin(), bytes.end()} + std::string(whole ? size : 0, 'p');
  };
  const auto good = frame(1000, true) + frame(0, true) + frame(999, true);
  for (const std::size_t piece : {1U, 7U, 31U, 32U, 33U, 5000U}) {
    net::frame_guard guard{1000};
    for (std::size_t at = 0; at < good.size(); at += piece)
      REQUIRE(guard.admit(std::string_view{good}.substr(at, piece)));
    CHECK_FALSE(guard.admit(frame(1001, false)));
  }
  net::frame_guard guard{1000};
  const auto huge = frame(0xFFFFFFFFU, false);
  CHECK(guard.admit(huge.substr(0, 31)));
  CHECK_FALSE(guard.admit(huge.substr(31)));
}

TEST_CASE("pending_book: bounds in all and for each address, and room again when one leaves") {
  net::pending_book book{3, 2};
  CHECK_FALSE(book.enter("a"));
  CHECK_FALSE(book.enter("a"));
  CHECK(book.enter("a") == net::refusal::crowded_address);
  CHECK_FALSE(book.enter("b"));
  CHECK(book.enter("c") == net::refusal::crowded);
  book.leave("a");
  CHECK_FALSE(book.enter("c"));
  CHECK(book.size() == 3);
}

TEST_CASE("peer_slots: of two that dial each other at once, one stream stays") {
  peer_slots slots;
  CHECK(slots.decide(newcomer(1), {}, start).says == verdict::go);
  CHECK(slots.decide(newcomer(2), {}, start).says == verdict::opening);
  slots.heard("b", 1, start);
  const auto d = slots.decide(newcomer(2), slots.held("b"), start);
  CHECK(d.says == verdict::duplicate);
  CHECK(slots.clear("b"));
}

TEST_CASE("peer_slots: a peer that has lost the stream gets another once BASP has let go") {
  peer_slots slots;
  slots.decide(newcomer(1), {}, start);
  slots.heard("b", 1, start);
  const auto d = slots.decide(newcomer(2), {}, start + 1s);
  CHECK(d.says == verdict::go);
  CHECK(d.evicted == 1);
  CHECK(slots.held("b") == newcomer(2).token);
  CHECK_FALSE(slots.clear("b"));
  slots.end("b", 1); // its end comes late and takes nothing from the newcomer
  CHECK(slots.held("b") == newcomer(2).token);
  slots.release(1);
  CHECK(slots.clear("b"));
}

TEST_CASE("peer_slots: an ended stream is held no more, but BASP may still know of it") {
  peer_slots slots;
  slots.take(newcomer(1), start);
  slots.end("b", 1);
  CHECK(slots.held("b") == net::stream_token{});
  CHECK_FALSE(slots.clear("b"));
  CHECK(slots.take(newcomer(2), start) == 0);
  slots.release(1);
  CHECK(slots.clear("b"));
  CHECK(slots.held("b") == newcomer(2).token);
}

TEST_CASE(
    "peer_slots: another life of a name clashes with one that speaks, not with a silent one") {
  peer_slots slots;
  slots.take(newcomer(1, 'x'), start);
  slots.heard("b", 1, start);
  CHECK(slots.clashes(newcomer(2, 'y'), start + 2s));
  CHECK_FALSE(slots.clashes(newcomer(2, 'x'), start + 2s));
  CHECK(slots.decide(newcomer(2, 'y'), {}, start + 2s).says == verdict::clash);
  const auto d = slots.decide(newcomer(2, 'y'), {}, start + 3s);
  CHECK(d.says == verdict::go);
  CHECK(d.evicted == 1);
}

} // namespace argosy::test
