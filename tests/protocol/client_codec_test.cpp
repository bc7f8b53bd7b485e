// The server's dialects and the client's codecs are mirror images: what one writes, the other
// reads.

#include "clients/cpp/codec.hpp"
#include "runtime/protocol/dialect.hpp"
#include "tests/protocol/frames.hpp"
#include "tests/protocol/recorder.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace argosy::test {

namespace {

struct pair {
  const dialect& server;
  const client::codec& client;
};

const pair pairs[] = {{json_dialect(), client::json_codec()},
                      {capnp_dialect(), client::capnp_codec()}};

/// Reads one message and encodes it again as the server would: equal bytes mean nothing was lost.
class echo final : public client::server_sink {
public:
  explicit echo(const dialect& d) : dialect_(d) {}

  void on_ping() override { again = dialect_.ping(); }

  void on_reply(std::uint32_t id, client::reply body) override {
    std::visit(
        [&](auto& b) {
          if constexpr (std::is_same_v<std::decay_t<decltype(b)>, client::error>)
            failure = b;
          else
            again = dialect_.encode_reply(id, reply_body{b});
        },
        body);
  }

  void on_push(std::string_view channel, push_body body) override {
    again = dialect_.encode_push(channel, body, true);
  }

  frame again;
  client::error failure;

private:
  const dialect& dialect_;
};

void check_mirrored(const std::function<frame(const dialect&)>& encode) {
  for (const auto& p : pairs) {
    const frame sent = encode(p.server);
    echo sink{p.server};
    CHECK(p.client.decode(payload_of(sent), sink));
    CHECK(payload_of(sink.again) == payload_of(sent));
  }
}

const client_id id_a{0x0123456789abcdef, 0xfedcba9876543210};

client_info_ptr somebody() {
  return std::make_shared<client_info>(client_info{id_a, "42", "{}", "1"});
}

publication_ptr published() {
  publication p;
  p.data = R"({"text":"hi"})";
  p.offset = 5;
  p.info = somebody();
  p.tags = {{"a", "1"}};
  p.time_ms = 1700;
  return std::make_shared<publication>(std::move(p));
}

} // namespace

TEST_CASE("client codecs: commands arrive as they were meant, in both dialects") {
  connect_command connect{"t", "{}", "n", "v", {{"a", true, "e", 7}, {"b", true, "", 0}}};
  const std::vector<command> commands = {
      {1, connect},
      {2, subscribe_command{"a", "t", "1", true, "e", 9, true, true, true, 2}},
      {3, unsubscribe_command{"a"}},
      {4, publish_command{"a", "[1]", "k", delivery::latest, "i"}},
      {5, publish_command{"a", "[1]", "", delivery::event, ""}},
      {6, presence_command{"a"}},
      {7, presence_stats_command{"a"}},
      {8, history_command{"a", -1, true, "e", 3, true}},
      {9, rpc_command{"m", "{}"}},
      {10, refresh_command{"t"}},
      {11, sub_refresh_command{"a", "t"}},
      {0, send_command{"1"}},
      {0, pong_command{}},
  };
  std::vector<std::string> meant;
  for (const auto& c : commands)
    meant.push_back(describe(c));
  for (const auto& p : pairs) {
    recorder r;
    CHECK(p.server.decode(p.client.encode(commands), p.client.binary(), r) == errc::none);
    CHECK(r.seen == meant);
  }
}

TEST_CASE("client codecs: results lose nothing on the way") {
  const subscribe_result sub{true, 60, true, true, "e", 9, {published()}, true, true, "[1]"};
  const reply_body results[] = {
      connect_result{id_a, "v", true, 30, "[]", {{"c", sub}}, 25, true, "s", "n", 17},
      sub,
      subscribe_result{},
      unsubscribe_result{},
      publish_result{"e", 3},
      presence_result{{somebody()}},
      presence_stats_result{2, 1},
      history_result{{published(), published()}, "e", 4},
      rpc_result{"{}"},
      refresh_result{id_a, "v", true, 5},
      sub_refresh_result{true, 5},
  };
  for (const auto& r : results)
    check_mirrored([&r](const dialect& d) { return d.encode_reply(7, r); });
}

TEST_CASE("client codecs: pushes lose nothing on the way") {
  const push_body pushes[] = {
      published(),
      join_push{somebody()},
      leave_push{somebody()},
      unsubscribe_push{2500, "gone"},
      subscribe_push{true, true, "e", 2},
      message_push{"[1]"},
      disconnect_push{3001, "shutdown", true},
      refresh_push{true, 9},
      gap_push{3, 5, "slow"},
      drain_push{4000, "wss://b"},
  };
  for (const auto& p : pushes)
    check_mirrored([&p](const dialect& d) { return d.encode_push("c", p, true); });
  check_mirrored([](const dialect& d) { return d.ping(); });
}

TEST_CASE("client codecs: an error keeps its code, its sentence and whether to retry") {
  for (const auto& p : pairs) {
    echo sink{p.server};
    CHECK(p.client.decode(payload_of(p.server.encode_reply(7, errc::too_many_requests)), sink));
    CHECK(sink.failure.code == 111);
    CHECK(sink.failure.message == "too many requests");
    CHECK(sink.failure.temporary);
  }
}

TEST_CASE("client codecs: bytes from a binary publisher reach a JSON client whole") {
  publication p;
  p.data = std::string{"\0\xff{", 3};
  const push_body body{std::make_shared<const publication>(p)};
  struct sink final : client::server_sink {
    void on_ping() override {}
    void on_reply(std::uint32_t, client::reply) override {}
    void on_push(std::string_view, push_body b) override {
      data = std::get<publication_ptr>(b)->data;
    }
    std::string data;
  } s;
  CHECK(client::json_codec().decode(payload_of(json_dialect().encode_push("c", body, true)), s));
  CHECK(s.data == p.data);
}

TEST_CASE("client codecs: what is not the protocol is refused, what is newer is passed over") {
  echo json{json_dialect()};
  for (const auto* text : {"x", "[]", "{\"id\":\"1\"}", "{\"push\":1}", "{\"push\":{\"pub\":3}}",
                           "{\"id\":1,\"publish\":{\"offset\":-1}}", "{\"id\":1"})
    CHECK_FALSE(client::json_codec().decode(text, json));
  CHECK(client::json_codec().decode("{\"push\":{\"channel\":\"c\",\"later\":{}}}", json));
  CHECK(client::json_codec().decode("{\"id\":1,\"later\":{}}", json));
  CHECK(!json.again);
  echo capnp{capnp_dialect()};
  const frame good = capnp_dialect().encode_push("c", push_body{gap_push{1, 2, "slow"}}, true);
  for (std::size_t n = 0; n < payload_of(good).size(); ++n)
    CHECK_FALSE(client::capnp_codec().decode(payload_of(good).substr(0, n), capnp));
}

} // namespace argosy::test
