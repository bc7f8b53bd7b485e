// Tokens: who is let in, what comes with it, and when it ends.
#include "runtime/auth/mint.hpp"
#include "tests/actors/test_node.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using argosy::testing::open_channel;
using argosy::testing::test_client;
using argosy::testing::test_node;
using argosy::testing::test_setup;
using namespace std::chrono_literals;
namespace auth = argosy::auth;

namespace {

bool has(const test_client& c, std::string_view part) {
  return c.text().find(part) != std::string::npos;
}

std::int64_t in_seconds(std::int64_t n) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count()
         + n;
}

/// A node that lets nobody in by its word.
struct strict_node {
  auth::key secret = *auth::key::from_secret("a secret that is long enough for HS256");
  test_node node;

  explicit strict_node(argosy::channel_options plain = open_channel())
      : node(setup(std::move(plain))) {
    node.services().limits.insecure = false;
    auto keys = std::make_shared<auth::key_set>();
    keys->add(secret);
    node.verifier().replace_keys(keys);
  }
  static test_setup setup(argosy::channel_options plain) {
    test_setup s;
    s.plain = std::move(plain);
    return s;
  }
  std::string token(const auth::connection_claims& c) const {
    return *auth::mint(auth::to_json(c), secret);
  }
  test_client connect(const auth::connection_claims& c) {
    const auto client = node.open();
    client.send(R"({"id":1,"connect":{"token":")" + token(c) + R"("}})");
    return client;
  }
};

auth::connection_claims claims(std::string user, std::int64_t expires_at = 0) {
  auth::connection_claims c;
  c.user = std::move(user);
  c.expires_at = expires_at;
  return c;
}

/// The result of that subscription in a connect reply.
std::string subscription_in(const test_client& c, std::string_view channel) {
  const auto text = c.text();
  const auto start = text.find("\"" + std::string{channel} + "\":{");
  REQUIRE(start != std::string::npos);
  int depth = 0;
  for (auto at = text.find('{', start); at < text.size(); ++at)
    if (text[at] == '{')
      ++depth;
    else if (text[at] == '}' && --depth == 0)
      return text.substr(start, at + 1 - start);
  return text.substr(start);
}

} // namespace

TEST_CASE("token: no token and a bad one end with 3500, an expired one is error 109") {
  strict_node s;
  const auto none = s.node.open();
  none.send(R"({"id":1,"connect":{}})");
  CHECK(none.peer().close_code == 3500);
  const auto bad = s.node.open();
  bad.send(R"({"id":1,"connect":{"token":"a.b.c"}})");
  CHECK(bad.peer().close_code == 3500);
  const auto late = s.connect(claims("ann", in_seconds(-5)));
  CHECK(has(late, R"("code":109)"));
  CHECK_FALSE(late.peer().close_code);
}

TEST_CASE("token: user, ttl and server-side rooms come with it") {
  strict_node s;
  auto c = claims("ann", in_seconds(60));
  c.channels = {"news", "sport"};
  const auto client = s.connect(c);
  CHECK(has(client, R"("expires":true)"));
  CHECK(has(client, R"("news":{)"));
  CHECK(has(client, R"("sport":{)"));
  client.take();
  client.send(R"({"id":2,"publish":{"channel":"news","data":1}})");
  CHECK(has(client, R"("channel":"news","pub":{"data":1)"));
}

TEST_CASE("token: publications that come before the connect reply follow it") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 choose{seed};
    strict_node s;
    const auto publisher = s.connect(claims("pub"));
    const auto reader = s.node.open();
    auto c = claims("ann");
    c.channels = {"news", "sport"};
    reader.send_only(R"({"id":1,"connect":{"token":")" + s.token(c) + R"("}})");
    for (int n = 0; n < 20; ++n) {
      publisher.send_only(R"({"id":2,"publish":{"channel":"news","data":1}})");
      for (auto steps = choose() % 4; steps > 0; --steps)
        s.node.step(choose);
    }
    s.node.settle();
    const auto got = reader.take();
    REQUIRE_FALSE(got.empty());
    CHECK(got[0].starts_with(R"({"id":1,"connect":{)"));
    std::size_t pubs = 0;
    for (const auto& m : got)
      pubs += m.find(R"("pub":{)") != std::string::npos ? 1U : 0U;
    const auto position = got[0].find(R"("news":{)");
    REQUIRE(position != std::string::npos);
    const auto offset_at = got[0].find(R"("offset":)", position);
    const auto sport_at = got[0].find(R"("sport":{)");
    const bool of_news =
        offset_at != std::string::npos && (sport_at < position || offset_at < sport_at);
    const auto start = of_news ? std::stoul(got[0].substr(offset_at + 9)) : 0UL;
    CHECK(pubs == 20 - start);
  }
}

TEST_CASE("token: an expired connection ends with 3005 after the grace, a refreshed one lives on") {
  strict_node s;
  const auto idle = s.connect(claims("ann", in_seconds(10)));
  const auto good = s.connect(claims("ben", in_seconds(10)));
  s.node.advance(9s);
  good.send(R"({"id":2,"refresh":{"token":")" + s.token(claims("ben", in_seconds(3600)))
            + R"("}})");
  CHECK(has(good, R"("refresh":{)"));
  s.node.advance(20s);
  CHECK_FALSE(idle.peer().close_code);
  s.node.advance(10s);
  CHECK(idle.peer().close_code == 3005);
  CHECK_FALSE(good.peer().close_code);
}

TEST_CASE("token: another user's token does not refresh this connection") {
  strict_node s;
  const auto c = s.connect(claims("ann", in_seconds(10)));
  c.send(R"({"id":2,"refresh":{"token":")" + s.token(claims("eve", in_seconds(99))) + R"("}})");
  CHECK(c.peer().close_code == 3500);
}

TEST_CASE("token: a subscription token opens its channel for its user, and expires with 2501") {
  strict_node s;
  const auto c = s.connect(claims("ann"));
  const auto grant = [&](std::string user, std::string channel, std::int64_t expires) {
    auth::subscription_claims g;
    g.user = std::move(user);
    g.channel = std::move(channel);
    g.expires_at = expires;
    return *auth::mint(auth::to_json(g), s.secret);
  };
  const auto subscribe = [&](const std::string& token) {
    c.take();
    c.send(R"({"id":2,"subscribe":{"channel":"$room","token":")" + token + R"("}})");
  };
  c.send(R"({"id":2,"subscribe":{"channel":"$room"}})");
  CHECK(has(c, R"("code":103)"));
  subscribe(grant("eve", "$room", 0));
  CHECK(has(c, R"("code":103)"));
  subscribe(grant("ann", "$other", 0));
  CHECK(has(c, R"("code":103)"));
  subscribe(grant("ann", "$room", in_seconds(10)));
  CHECK(has(c, R"("subscribe":{)"));
  s.node.advance(36s);
  CHECK(has(c, R"("unsubscribe":{"code":2501)"));
}

TEST_CASE("token: the data of a server-side subscription comes in its result") {
  strict_node s;
  auto c = claims("ann");
  c.subs.resize(2);
  c.subs[0].channel = "news";
  c.subs[0].data = R"({"title":"News"})";
  c.subs[1].channel = "sport";
  const auto client = s.connect(c);
  const auto news = subscription_in(client, "news");
  CHECK(news.find(R"("data":{"title":"News"})") != std::string::npos);
  CHECK(subscription_in(client, "sport").find(R"("data")") == std::string::npos);
}

TEST_CASE("token: force_recovery and force_positioning override what a server-side room offers") {
  struct row {
    std::optional<bool> recovery;
    std::optional<bool> positioning;
    bool history;
    bool recoverable;
    bool positioned;
  };
  for (const auto& r : {row{{}, {}, true, true, true}, row{false, {}, true, false, true},
                        row{{}, false, true, true, false}, row{false, false, true, false, false},
                        row{true, true, true, true, true}, row{{}, {}, false, false, false},
                        row{true, true, false, false, false}}) {
    CAPTURE(r.recovery.has_value());
    CAPTURE(r.recovery.value_or(false));
    CAPTURE(r.positioning.has_value());
    CAPTURE(r.history);
    strict_node s{r.history ? open_channel() : argosy::channel_options{}};
    auto c = claims("ann");
    auto& grant = c.subs.emplace_back();
    grant.channel = "news";
    grant.force_recovery = r.recovery;
    grant.force_positioning = r.positioning;
    const auto got = subscription_in(s.connect(c), "news");
    CHECK((got.find(R"("recoverable":true)") != std::string::npos) == r.recoverable);
    CHECK((got.find(R"("positioned":true)") != std::string::npos) == r.positioned);
    CHECK((got.find(R"("epoch")") != std::string::npos) == (r.recoverable || r.positioned));
  }
}

TEST_CASE("token: a server-side room recovers in the connect command, unless the token forbids") {
  strict_node s;
  auto c = claims("ann");
  c.subs.emplace_back().channel = "news";
  const auto first = subscription_in(s.connect(c), "news");
  const auto epoch_at = first.find(R"("epoch":")") + 9;
  const auto epoch = first.substr(epoch_at, first.find('"', epoch_at) - epoch_at);
  s.connect(claims("pub")).send(R"({"id":2,"publish":{"channel":"news","data":"missed"}})");
  const auto comes_back = [&] {
    const auto client = s.node.open();
    client.send(R"({"id":1,"connect":{"token":")" + s.token(c)
                + R"(","subs":{"news":{"recover":true,"epoch":")" + epoch + R"("}}}})");
    return subscription_in(client, "news");
  };
  auto back = comes_back();
  CHECK(back.find(R"("recovered":true)") != std::string::npos);
  CHECK(back.find("missed") != std::string::npos);
  c.subs[0].force_recovery = false;
  back = comes_back();
  CHECK(back.find("recovered") == std::string::npos);
  CHECK(back.find("was_recovering") == std::string::npos);
  CHECK(back.find("missed") == std::string::npos);
}
