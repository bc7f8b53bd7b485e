// The C++ client against a server that does as told: its life from connect to the end.

#include "clients/cpp/client.hpp"
#include "clients/cpp/url.hpp"
#include "tests/protocol/fake_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace argosy::test {

namespace {

using namespace std::chrono_literals;
using client::encoding;

/// Runs the loop until `done`; fails the test where that never comes.
void run_until(boost::asio::io_context& io, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!done() && std::chrono::steady_clock::now() < deadline) {
    io.restart();
    io.run_one_for(100ms);
  }
  REQUIRE(done());
}

client::options options_for(const fake_server& server, encoding wire) {
  client::options o;
  o.url = server.url();
  o.wire = wire;
  o.name = "";
  o.reconnect = {1ms, 2ms};
  return o;
}

const dialect& dialect_of(encoding wire) {
  return wire == encoding::json ? json_dialect() : capnp_dialect();
}

publication_ptr published(std::string data, std::uint64_t offset) {
  publication p;
  p.data = std::move(data);
  p.offset = offset;
  return std::make_shared<publication>(std::move(p));
}

/// A server whose channels have epoch "e" and stand at `top`.
fake_server::script with_history(std::uint64_t& top) {
  return [&top](peer& p, const command& c) {
    if (const auto* s = std::get_if<subscribe_command>(&c.body)) {
      subscribe_result r;
      r.recoverable = true;
      r.epoch = "e";
      r.offset = top;
      r.was_recovering = r.recovered = s->recover;
      for (auto next = s->offset + 1; s->recover && next <= top; ++next)
        r.missed.push_back(published(std::to_string(next), next));
      p.reply(c.id, r);
    } else if (const auto* published_now = std::get_if<publish_command>(&c.body)) {
      p.push(published_now->channel, published(std::string{published_now->data}, ++top));
      p.reply(c.id, publish_result{"e", top});
    } else if (std::holds_alternative<unsubscribe_command>(c.body)) {
      p.reply(c.id, unsubscribe_result{});
    }
  };
}

void ignore(peer&, const command&) {
}

} // namespace

TEST_CASE("client: subscribes, publishes and receives, in both dialects") {
  for (const auto wire : {encoding::capnp, encoding::json}) {
    boost::asio::io_context io;
    std::uint64_t top = 0;
    fake_server server{io, dialect_of(wire), with_history(top)};
    client::client c{io, options_for(server, wire)};
    std::string received;
    std::optional<client::outcome<publish_result>> ack;
    client::subscription_events e;
    e.on_subscribed = [&](const subscribe_result&) {
      c.publish("a", "{\"n\":1}", [&](auto result) { ack = std::move(result); });
    };
    e.on_publication = [&](const publication& p) { received = p.data; };
    c.subscribe("a", {}, e);
    c.connect();
    run_until(io, [&] { return !received.empty() && ack.has_value(); });
    CHECK(received == "{\"n\":1}");
    REQUIRE(*ack);
    CHECK((*ack)->offset == 1);
    CHECK((*ack)->epoch == "e");
    CHECK(c.connected());
  }
}

TEST_CASE("client: resumes after a cut from where it stood, and misses nothing") {
  for (const auto wire : {encoding::capnp, encoding::json}) {
    boost::asio::io_context io;
    std::uint64_t top = 4;
    fake_server server{io, dialect_of(wire), with_history(top)};
    client::events own;
    bool will_reconnect = false;
    own.on_disconnected = [&](const client::disconnected& d) { will_reconnect = d.will_reconnect; };
    client::client c{io, options_for(server, wire), own};
    std::vector<std::uint64_t> offsets;
    std::optional<subscribe_result> last;
    client::subscription_events e;
    e.on_subscribed = [&](const subscribe_result& r) { last = r; };
    e.on_publication = [&](const publication& p) { offsets.push_back(p.offset); };
    c.subscribe("a", {.recoverable = true}, e);
    c.connect();
    run_until(io, [&] { return last.has_value(); });
    CHECK_FALSE(last->was_recovering);
    server.newest().push("a", published("5", top = 5));
    run_until(io, [&] { return offsets.size() == 1; });
    last.reset();
    top = 8;
    server.newest().cut();
    run_until(io, [&] { return offsets.size() == 4; });
    CHECK(will_reconnect);
    CHECK(last->recovered);
    CHECK(offsets == std::vector<std::uint64_t>{5, 6, 7, 8});
    CHECK(c.position("a") == stream_position{"e", 8});
    CHECK(server.seen().back()
          == "#4 subscribe{channel=a recover=true epoch=e offset=5 "
             "recoverable=true}");
  }
}

TEST_CASE("client: a final close code ends it, any other does not") {
  boost::asio::io_context io;
  fake_server server{io, capnp_dialect(), ignore};
  std::vector<client::disconnected> ends;
  client::events own;
  own.on_disconnected = [&](const client::disconnected& d) {
    ends.push_back({d.code, {}, d.will_reconnect});
  };
  client::client c{io, options_for(server, encoding::capnp), own};
  c.connect();
  run_until(io, [&] { return c.connected(); });
  server.newest().close(3001);
  run_until(io, [&] { return ends.size() == 1 && c.connected(); });
  CHECK(ends[0].code == 3001);
  CHECK(ends[0].will_reconnect);
  server.newest().close(3500);
  run_until(io, [&] { return ends.size() == 2; });
  CHECK(ends[1].code == 3500);
  CHECK_FALSE(ends[1].will_reconnect);
  client::error why;
  c.presence("a", [&](auto result) { why = result.error; });
  CHECK(why.code == client::error_disconnected);
}

TEST_CASE("client: calls made before the connection wait for it; lost and late ones fail") {
  boost::asio::io_context io;
  fake_server server{io, capnp_dialect(), [](peer& p, const command& c) {
                       if (std::holds_alternative<rpc_command>(c.body))
                         p.reply(c.id, rpc_result{"pong"});
                       else if (std::holds_alternative<history_command>(c.body))
                         p.cut();
                     }};
  auto o = options_for(server, encoding::capnp);
  o.call_timeout = 200ms;
  client::client c{io, o};
  std::string answer;
  client::error lost, late;
  c.connect();
  c.rpc("ping", "", [&](auto result) { answer = result ? result->data : ""; });
  run_until(io, [&] { return !answer.empty(); });
  c.history("a", {}, [&](auto result) { lost = result.error; });
  run_until(io, [&] { return lost.code != 0; });
  CHECK(lost.code == client::error_lost);
  c.presence("a", [&](auto result) { late = result.error; });
  run_until(io, [&] { return late.code != 0; });
  CHECK(late.code == client::error_timeout);
}

TEST_CASE("client: an error reply reaches the caller; a refused subscription ends") {
  boost::asio::io_context io;
  fake_server server{io, json_dialect(), [](peer& p, const command& c) {
                       if (!std::holds_alternative<connect_command>(c.body))
                         p.reply(c.id, errc::permission_denied);
                     }};
  client::client c{io, options_for(server, encoding::json)};
  client::error refused;
  std::uint32_t ended = 0;
  client::subscription_events e;
  e.on_unsubscribed = [&](std::uint32_t code, std::string_view) { ended = code; };
  c.subscribe("a", {}, e);
  c.connect();
  c.presence("a", [&](auto result) { refused = result.error; });
  run_until(io, [&] { return refused.code != 0 && ended != 0; });
  CHECK(refused.code == 103);
  CHECK(refused.message == "permission denied");
  CHECK(ended == 103);
}

TEST_CASE("client: 2500 resubscribes, 2000 does not; a gap is told") {
  boost::asio::io_context io;
  std::uint64_t top = 0;
  fake_server server{io, capnp_dialect(), with_history(top)};
  client::client c{io, options_for(server, encoding::capnp)};
  int subscribed = 0;
  std::uint32_t ended = 0;
  std::uint64_t gap_to = 0;
  client::subscription_events e;
  e.on_subscribed = [&](const subscribe_result&) { ++subscribed; };
  e.on_unsubscribed = [&](std::uint32_t code, std::string_view) { ended = code; };
  e.on_gap = [&](const gap_push& gap) { gap_to = gap.to; };
  c.subscribe("a", {.recoverable = true}, e);
  c.connect();
  run_until(io, [&] { return subscribed == 1; });
  server.newest().push("a", unsubscribe_push{2500, "insufficient state"});
  run_until(io, [&] { return subscribed == 2; });
  server.newest().push("a", gap_push{1, 3, "slow"});
  server.newest().push("a", unsubscribe_push{2000, "gone"});
  run_until(io, [&] { return ended == 2000; });
  CHECK(gap_to == 3);
}

TEST_CASE("client: answers a ping with a pong") {
  for (const auto wire : {encoding::capnp, encoding::json}) {
    boost::asio::io_context io;
    fake_server server{io, dialect_of(wire), ignore};
    client::client c{io, options_for(server, wire)};
    c.connect();
    run_until(io, [&] { return c.connected(); });
    server.newest().ping();
    run_until(io, [&] { return server.seen().back() == "pong{}"; });
  }
}

TEST_CASE("client: a drain moves it to where the hint says") {
  boost::asio::io_context io;
  fake_server old_home{io, capnp_dialect(), ignore};
  fake_server new_home{io, capnp_dialect(), ignore};
  client::client c{io, options_for(old_home, encoding::capnp)};
  c.connect();
  run_until(io, [&] { return c.connected(); });
  const std::string target = new_home.url();
  old_home.newest().push("", drain_push{5, target});
  run_until(io, [&] { return !new_home.seen().empty() && c.connected(); });
}

TEST_CASE("client: asks for a fresh token when the server says the old one has expired") {
  boost::asio::io_context io;
  fake_server server{io, capnp_dialect(), ignore};
  auto o = options_for(server, encoding::capnp);
  o.token = "expired";
  o.get_token = [](const std::function<void(std::string)>& give) { give("fresh"); };
  client::client c{io, o};
  c.connect();
  run_until(io, [&] { return c.connected(); });
  CHECK(server.seen()
        == std::vector<std::string>{"#1 connect{token=expired}", "#2 connect{token=fresh}"});
}

TEST_CASE("client: no callback comes after it is destroyed, not even from inside one") {
  boost::asio::io_context io;
  std::uint64_t top = 0;
  fake_server server{io, json_dialect(), with_history(top)};
  auto c = std::make_unique<client::client>(io, options_for(server, encoding::json));
  int calls = 0;
  client::subscription_events e;
  e.on_subscribed = [&](const subscribe_result&) {
    ++calls;
    c.reset();
  };
  e.on_publication = [&](const publication&) { ++calls; };
  c->subscribe("a", {.since = stream_position{"e", 0}}, e);
  top = 3;
  c->connect();
  run_until(io, [&] { return calls > 0; });
  io.restart();
  io.poll();
  CHECK(calls == 1);
}

TEST_CASE("client: TLS, with a certificate it trusts and with one it does not") {
  boost::asio::io_context io;
  auto tls = self_signed_context();
  fake_server server{io, capnp_dialect(), ignore, &tls};
  auto o = options_for(server, encoding::capnp);
  client::client wary{io, o};
  o.tls_verify = false;
  client::client trusting{io, o};
  wary.connect();
  trusting.connect();
  run_until(io, [&] { return trusting.connected(); });
  CHECK_FALSE(wary.connected());
}

TEST_CASE("client: a bad URL ends at once, with the reason") {
  boost::asio::io_context io;
  client::events own;
  std::string why;
  own.on_disconnected = [&](const client::disconnected& d) {
    why = d.reason;
    CHECK_FALSE(d.will_reconnect);
  };
  client::options o;
  o.url = "http://127.0.0.1/";
  client::client c{io, o, own};
  c.connect();
  CHECK(why.find("URL") != std::string::npos);
}

TEST_CASE("url: scheme, host, port and path") {
  const auto u = client::url::parse("wss://[::1]:8443/a?b=c");
  REQUIRE(u);
  CHECK(u->tls);
  CHECK(u->host == "::1");
  CHECK(u->port == "8443");
  CHECK(u->path == "/a?b=c");
  CHECK(u->authority() == "[::1]:8443");
  CHECK(client::url::parse("ws://a")->authority() == "a");
  CHECK(client::url::parse("ws://a")->path == "/");
  CHECK(client::url::parse("ws://a?x")->path == "/?x");
  CHECK(client::url::parse("wss://a")->port == "443");
  for (const auto* bad : {"", "a", "http://a", "ws://", "ws://:80", "ws://a:", "ws://a:x",
                          "ws://[::1", "ws://[::1]x", "ws://a:123456"})
    CHECK_FALSE(client::url::parse(bad));
}

TEST_CASE("backoff: full jitter under a cap that grows and ends") {
  const client::backoff b{500ms, 20'000ms};
  CHECK(b.longest(0) == 500ms);
  CHECK(b.longest(3) == 4000ms);
  CHECK(b.longest(6) == 20'000ms);
  CHECK(b.longest(4'000'000'000) == 20'000ms);
  CHECK(b.wait(3, 0) == 0ms);
  CHECK(b.wait(3, 0x80000000) == 2000ms);
  CHECK(b.wait(3, 0xFFFFFFFF) == 4000ms);
}

} // namespace argosy::test
