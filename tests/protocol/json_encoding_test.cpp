// What the JSON dialect writes: the exact text, since published SDKs read it.

#include "runtime/protocol/dialect.hpp"
#include "tests/protocol/frames.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <memory>
#include <string>

namespace argosy::test {

namespace {

const client_id id_a{0x0123456789abcdef, 0xfedcba9876543210};
constexpr std::string_view id_text = "01234567-89ab-cdef-fedc-ba9876543210";

/// `text` with every @ replaced by the id of client a.
std::string with_id(std::string_view text) {
  std::string out;
  for (const char c : text)
    c == '@' ? out.append(id_text) : out.append(1, c);
  return out;
}

/// The text of a frame, which must be one line that any JSON parser takes.
std::string text_of(const frame& f) {
  CHECK(opcode_of(f) == opcode::text);
  const std::string text{payload_of(f)};
  CHECK(text.find('\n') == std::string::npos);
  simdjson::dom::parser parser;
  CHECK_MESSAGE(parser.parse(text).error() == simdjson::SUCCESS, text);
  return text;
}

std::string reply(const reply_body& body) {
  return text_of(json_dialect().encode_reply(7, body));
}

std::string push(std::string_view channel, const push_body& body, bool with_offset = true) {
  return text_of(json_dialect().encode_push(channel, body, with_offset));
}

client_info_ptr client(std::string user = "42", std::string conn = "", std::string chan = "") {
  return std::make_shared<client_info>(client_info{id_a, user, conn, chan});
}

publication_ptr published(std::string data, std::uint64_t offset = 0) {
  publication p;
  p.data = std::move(data);
  p.offset = offset;
  return std::make_shared<publication>(std::move(p));
}

} // namespace

TEST_CASE("json encoding: an empty result still has its method's key") {
  CHECK(reply(subscribe_result{}) == R"({"id":7,"subscribe":{}})");
  CHECK(reply(unsubscribe_result{}) == R"({"id":7,"unsubscribe":{}})");
  CHECK(reply(publish_result{}) == R"({"id":7,"publish":{}})");
  CHECK(reply(presence_result{}) == R"({"id":7,"presence":{"presence":{}}})");
  CHECK(reply(presence_stats_result{})
        == R"({"id":7,"presence_stats":{"num_clients":0,"num_users":0}})");
  CHECK(reply(history_result{})
        == R"({"id":7,"history":{"publications":[],"epoch":"","offset":0}})");
  CHECK(reply(rpc_result{}) == R"({"id":7,"rpc":{}})");
  CHECK(reply(sub_refresh_result{}) == R"({"id":7,"sub_refresh":{}})");
  CHECK(reply(refresh_result{id_a, "", false, 0})
        == with_id(R"({"id":7,"refresh":{"client":"@"}})"));
}

TEST_CASE("json encoding: every result says all it has") {
  subscribe_result sub{
      true, 60,   true,        true, "e", 9, {published("1", 8), published("[2]", 9)},
      true, true, R"({"a":1})"};
  const std::string sub_text =
      R"({"expires":true,"ttl":60,"recoverable":true,"epoch":"e","publications":[{"data":1,"offset":8},{"data":[2],"offset":9}],"recovered":true,"offset":9,"positioned":true,"data":{"a":1},"was_recovering":true})";
  CHECK(reply(sub) == R"({"id":7,"subscribe":)" + sub_text + "}");

  connect_result connected{id_a, "v", true, 30, "[]", {{"c\"h", sub}}, 25, true, "s", "n", 1700};
  CHECK(
      reply(connected)
      == with_id(
             R"({"id":7,"connect":{"client":"@","version":"v","expires":true,"ttl":30,"data":[],"subs":{"c\"h":)")
             + sub_text + R"(},"ping":25,"pong":true,"session":"s","node":"n","time":1700}})");

  CHECK(reply(publish_result{"e", 3}) == R"({"id":7,"publish":{"epoch":"e","offset":3}})");
  CHECK(
      reply(presence_result{{client("42", "{\"n\":1}", "2"), client("")}})
      == with_id(
          R"({"id":7,"presence":{"presence":{"@":{"user":"42","client":"@","conn_info":{"n":1},"chan_info":2},"@":{"user":"","client":"@"}}}})"));
  CHECK(reply(presence_stats_result{2, 1})
        == R"({"id":7,"presence_stats":{"num_clients":2,"num_users":1}})");
  CHECK(reply(history_result{{published("1", 4)}, "e", 4})
        == R"({"id":7,"history":{"publications":[{"data":1,"offset":4}],"epoch":"e","offset":4}})");
  CHECK(reply(rpc_result{"{}"}) == R"({"id":7,"rpc":{"data":{}}})");
  CHECK(reply(refresh_result{id_a, "v", true, 5})
        == with_id(R"({"id":7,"refresh":{"client":"@","version":"v","expires":true,"ttl":5}})"));
  CHECK(reply(sub_refresh_result{true, 5}) == R"({"id":7,"sub_refresh":{"expires":true,"ttl":5}})");
}

TEST_CASE("json encoding: an error carries its code, its sentence and whether to retry") {
  CHECK(reply(errc::permission_denied)
        == R"({"id":7,"error":{"code":103,"message":"permission denied"}})");
  CHECK(reply(errc::too_many_requests)
        == R"({"id":7,"error":{"code":111,"message":"too many requests","temporary":true}})");
  CHECK(reply(errc::slow_consumer)
        == R"({"id":7,"error":{"code":100,"message":"internal server error","temporary":true}})");
}

TEST_CASE("json encoding: every push") {
  CHECK(push("c", join_push{client()})
        == with_id(R"({"push":{"channel":"c","join":{"info":{"user":"42","client":"@"}}}})"));
  CHECK(push("c", leave_push{client()})
        == with_id(R"({"push":{"channel":"c","leave":{"info":{"user":"42","client":"@"}}}})"));
  CHECK(push("c", unsubscribe_push{2500, "gone"})
        == R"({"push":{"channel":"c","unsubscribe":{"code":2500,"reason":"gone"}}})");
  CHECK(
      push("c", subscribe_push{true, true, "e", 2})
      == R"({"push":{"channel":"c","subscribe":{"recoverable":true,"epoch":"e","offset":2,"positioned":true}}})");
  CHECK(push("c", subscribe_push{}) == R"({"push":{"channel":"c","subscribe":{}}})");
  CHECK(push("", message_push{"[1]"}) == R"({"push":{"message":{"data":[1]}}})");
  CHECK(push("", disconnect_push{3001, "shutdown", true})
        == R"({"push":{"disconnect":{"code":3001,"reason":"shutdown","reconnect":true}}})");
  CHECK(push("", refresh_push{true, 9}) == R"({"push":{"refresh":{"expires":true,"ttl":9}}})");
  CHECK(push("c", gap_push{3, 5, "slow"})
        == R"({"push":{"channel":"c","gap":{"from":3,"to":5,"reason":"slow"}}})");
  CHECK(push("", drain_push{4000, "wss://b"})
        == R"({"push":{"message":{"data":{"drain":{"after_ms":4000,"endpoint":"wss://b"}}}}})");
}

TEST_CASE("json encoding: a publication carries its offset where the channel keeps history") {
  publication p;
  p.data = R"({"text":"hi"})";
  p.offset = 5;
  p.info = client("42", "{}");
  p.tags = {{"a", "1"}, {"b\n", "2"}};
  p.time_ms = 1700000000000;
  const auto shared = std::make_shared<publication>(p);
  CHECK(
      push("room", shared)
      == with_id(
          R"({"push":{"channel":"room","pub":{"data":{"text":"hi"},"info":{"user":"42","client":"@","conn_info":{}},"offset":5,"tags":{"a":"1","b\n":"2"},"time":1700000000000}}})"));
  CHECK(push("room", published("1", 5), false)
        == R"({"push":{"channel":"room","pub":{"data":1}}})");
}

TEST_CASE("json encoding: no payload can break a frame") {
  CHECK(push("c", published("[1,\r\n2]")) == R"({"push":{"channel":"c","pub":{"data":[1,  2]}}})");
  CHECK(push("c", published("not json"))
        == R"({"push":{"channel":"c","pub":{"b64data":"bm90IGpzb24="}}})");
  CHECK(push("c", published("1}")) == R"({"push":{"channel":"c","pub":{"b64data":"MX0="}}})");
  CHECK(push("c", published("")) == R"({"push":{"channel":"c","pub":{"b64data":""}}})");
  CHECK(push("c", published("\"\xff\"")) == R"({"push":{"channel":"c","pub":{"b64data":"Iv8i"}}})");
  CHECK(reply(rpc_result{"oops\n\xff"}) == "{\"id\":7,\"rpc\":{\"data\":\"oops\\n\xEF\xBF\xBD\"}}");
}

TEST_CASE("json encoding: foreign text is escaped, and is UTF-8 when it leaves") {
  CHECK(push("\"\\/\b\x1f\x7f", message_push{"0"})
        == "{\"push\":{\"channel\":\"\\\"\\\\/\\u0008\\u001f\x7f\",\"message\":{\"data\":0}}}");
  CHECK(push("\xc3\xa9\xf0\x9f\x98\x80", message_push{"0"})
        == "{\"push\":{\"channel\":\"\xc3\xa9\xf0\x9f\x98\x80\",\"message\":{\"data\":0}}}");
  const std::string_view broken[] = {
      "\x80",     "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf0\x80\x80\x80",
      "\xe2\x82", "\xff"};
  for (const auto text : broken)
    CHECK(push(text, message_push{"0"}).find("\xEF\xBF\xBD") != std::string::npos);
  CHECK(push(std::string_view{"a\0b", 3}, message_push{"0"})
        == R"({"push":{"channel":"a\u0000b","message":{"data":0}}})");
}

TEST_CASE("json encoding: the ping is an empty object, shared by all") {
  CHECK(text_of(json_dialect().ping()) == "{}");
  CHECK(json_dialect().ping().wire().data() == json_dialect().ping().wire().data());
}

} // namespace argosy::test
