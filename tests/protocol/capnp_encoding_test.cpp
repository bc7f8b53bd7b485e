// What the Cap'n Proto dialect writes, in Cap'n Proto's own text form (which leaves out what is
// null).

#include "runtime/protocol/dialect.hpp"
#include "tests/protocol/capnp_client.hpp"
#include "tests/protocol/frames.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace argosy::test {

namespace {

const client_id id_a{1, 2};
constexpr std::string_view id_text = "(high = 1, low = 2)";

std::string with_id(std::string_view text) {
  std::string out;
  for (const char c : text)
    c == '@' ? out.append(id_text) : out.append(1, c);
  return out;
}

std::string text_of(const frame& f) {
  CHECK(opcode_of(f) == opcode::binary);
  return server_text(payload_of(f));
}

std::string reply(const reply_body& body) {
  return text_of(capnp_dialect().encode_reply(7, body));
}

std::string push(std::string_view channel, const push_body& body, bool with_offset = true) {
  return text_of(capnp_dialect().encode_push(channel, body, with_offset));
}

client_info_ptr client() {
  return std::make_shared<client_info>(client_info{id_a, "42", "{}", "1"});
}

publication_ptr published(std::string data, std::uint64_t offset) {
  publication p;
  p.data = std::move(data);
  p.offset = offset;
  return std::make_shared<publication>(std::move(p));
}

} // namespace

TEST_CASE("capnp encoding: every result says all it has") {
  CHECK(reply(subscribe_result{})
        == "(reply = (id = 7, subscribe = (recoverable = false, positioned = false, recovered = "
           "false, wasRecovering = false)))");
  CHECK(reply(subscribe_result{true, 60, true, true, "e", 9, {published("1", 8)}, true, true, "x"})
        == "(reply = (id = 7, subscribe = (expiry = (expires = true, ttlS = 60), recoverable = "
           "true, positioned = true, position = (epoch = \"e\", offset = 9), publications = "
           "[(data = \"1\", offset = 8, timeMs = 0, deliveryClass = event, conflationKey = 0)], "
           "recovered = true, wasRecovering = true, data = \"x\")))");
  CHECK(reply(connect_result{
            id_a, "v", true, 30, "[]", {{"c", subscribe_result{}}}, 25, true, "s", "n", 17})
        == with_id("(reply = (id = 7, connect = (client = @, version = \"v\", expiry = (expires = "
                   "true, ttlS = 30), data = \"[]\", subs = [(channel = \"c\", result = "
                   "(recoverable = false, positioned = false, recovered = false, wasRecovering = "
                   "false))], pingS = 25, pong = true, session = \"s\", node = \"n\", timeMs = "
                   "17)))"));
  CHECK(reply(unsubscribe_result{}) == "(reply = (id = 7, unsubscribe = void))");
  CHECK(reply(publish_result{"e", 3})
        == "(reply = (id = 7, publish = (epoch = \"e\", offset = 3)))");
  CHECK(reply(presence_result{{client()}})
        == with_id("(reply = (id = 7, presence = [(client = @, user = \"42\", connInfo = \"{}\", "
                   "chanInfo = \"1\")]))"));
  CHECK(reply(presence_stats_result{2, 1})
        == "(reply = (id = 7, presenceStats = (clients = 2, users = 1)))");
  CHECK(reply(history_result{{published("1", 4)}, "e", 4})
        == "(reply = (id = 7, history = (publications = [(data = \"1\", offset = 4, timeMs = 0, "
           "deliveryClass = event, conflationKey = 0)], position = (epoch = \"e\", offset = "
           "4))))");
  CHECK(reply(rpc_result{"\xff"}) == "(reply = (id = 7, rpc = \"\\377\"))");
  CHECK(reply(refresh_result{id_a, "v", true, 5})
        == with_id("(reply = (id = 7, refresh = (client = @, version = \"v\", expiry = (expires = "
                   "true, ttlS = 5))))"));
  CHECK(reply(sub_refresh_result{true, 5})
        == "(reply = (id = 7, subRefresh = (expires = true, ttlS = 5)))");
}

TEST_CASE("capnp encoding: an error carries its code, its sentence and whether to retry") {
  CHECK(reply(errc::too_many_requests)
        == "(reply = (id = 7, error = (code = 111, message = \"too many requests\", temporary = "
           "true)))");
  CHECK(reply(errc::slow_consumer)
        == "(reply = (id = 7, error = (code = 100, message = \"internal server error\", "
           "temporary = true)))");
}

TEST_CASE("capnp encoding: every push") {
  const std::string info = with_id("(client = @, user = \"42\", connInfo = \"{}\", chanInfo = "
                                   "\"1\")");
  CHECK(push("c", join_push{client()}) == "(push = (channel = \"c\", join = " + info + "))");
  CHECK(push("c", leave_push{client()}) == "(push = (channel = \"c\", leave = " + info + "))");
  CHECK(push("c", unsubscribe_push{2500, "gone"})
        == "(push = (channel = \"c\", unsubscribe = (code = 2500, reason = \"gone\")))");
  CHECK(push("c", subscribe_push{true, true, "e", 2})
        == "(push = (channel = \"c\", subscribe = (recoverable = true, positioned = true, position "
           "= (epoch = \"e\", offset = 2))))");
  CHECK(push("", message_push{"m"}) == "(push = (message = \"m\"))");
  CHECK(push("", disconnect_push{3001, "shutdown", true})
        == "(push = (disconnect = (notice = (code = 3001, reason = \"shutdown\"), reconnect = "
           "true)))");
  CHECK(push("", refresh_push{true, 9}) == "(push = (refresh = (expires = true, ttlS = 9)))");
  CHECK(push("c", gap_push{3, 5, "slow"})
        == "(push = (channel = \"c\", gap = (from = 3, to = 5, reason = \"slow\")))");
  CHECK(push("", drain_push{4000, "wss://b"})
        == "(push = (drain = (afterMs = 4000, endpoint = \"wss://b\")))");
}

TEST_CASE("capnp encoding: a publication says its class, and its offset where there is history") {
  publication p;
  p.data = "hi";
  p.offset = 5;
  p.info = client();
  p.tags = {{"a", "1"}};
  p.time_ms = 1700;
  p.conflation_key = 77;
  CHECK(push("room", std::make_shared<publication>(p))
        == with_id("(push = (channel = \"room\", publication = (data = \"hi\", offset = 5, info = "
                   "(client = @, user = \"42\", connInfo = \"{}\", chanInfo = \"1\"), tags = "
                   "[(name = \"a\", value = \"1\")], timeMs = 1700, deliveryClass = latest, "
                   "conflationKey = 77)))"));
  CHECK(push("room", published("1", 5), false)
        == "(push = (channel = \"room\", publication = (data = \"1\", offset = 0, timeMs = 0, "
           "deliveryClass = event, conflationKey = 0)))");
}

TEST_CASE("capnp encoding: a message beyond the scratch segment is whole") {
  const std::string big(100'000, 'x');
  CHECK(push("c", published(big, 1)).find(big) != std::string::npos);
  CHECK(push("", message_push{"m"}) == "(push = (message = \"m\"))");
}

TEST_CASE("capnp encoding: the ping is one small message") {
  CHECK(text_of(capnp_dialect().ping()) == "(ping = void)");
  CHECK(payload_of(capnp_dialect().ping()).size() <= 32);
}

TEST_CASE("dialects: the subprotocol chooses, JSON is the default") {
  CHECK(&dialect_for("") == &json_dialect());
  CHECK(&dialect_for("argosy.capnp.1") == &capnp_dialect());
  CHECK(&dialect_for("argosy.capnp.2") == &json_dialect());
  CHECK(dialect_index(json_dialect()) == 0);
  CHECK(dialect_index(capnp_dialect()) == 1);
}

} // namespace argosy::test
