// What the JSON dialect makes of a message: a table of commands, and a table of what is refused.

#include "tests/protocol/recorder.hpp"

#include <doctest/doctest.h>

#include <string>

namespace argosy::test {

namespace {

/// The commands of `message`, one a line; "REFUSED" last if the dialect refused it.
std::string meaning(std::string_view message) {
  recorder r;
  const errc result = json_dialect().decode(message, false, r);
  std::string text;
  for (const auto& command : r.seen)
    text += (text.empty() ? "" : "\n") + command;
  if (result == errc::none)
    return text;
  CHECK(result == errc::closed_bad_request);
  return text + (text.empty() ? "REFUSED" : "\nREFUSED");
}

std::string nested(int depth) {
  const auto n = static_cast<std::size_t>(depth);
  return std::string(n, '[') + std::string(n, ']');
}

std::string publish(std::string_view data) {
  return R"({"id":1,"publish":{"channel":"a","data":)" + std::string{data} + "}}";
}

std::string published(std::string_view data) {
  return "#1 publish{channel=a data=" + std::string{data} + "}";
}

} // namespace

TEST_CASE("json decoding: every command arrives with all its members") {
  struct row {
    std::string_view message, means;
  };
  const row rows[] = {
      {R"({"connect":{},"id":1})", "#1 connect{}"},
      {R"({"id":1,"connect":{"token":"t","data":{"a":1},"name":"js","version":"5","headers":{"x":"y"},"subs":{"a":{"recover":true,"offset":7,"epoch":"e"},"b":{}}}})",
       R"(#1 connect{token=t data={"a":1} name=js version=5 subs=a{recover=true epoch=e offset=7}b{}})"},
      {R"({"id":2,"subscribe":{"channel":"a","token":"t","data":[1],"recover":true,"epoch":"_","offset":18446744073709551615,"positioned":true,"recoverable":true,"join_leave":true,"flag":3,"delta":"fossil"}})",
       "#2 subscribe{channel=a token=t data=[1] recover=true epoch=_ offset=18446744073709551615 "
       "positioned=true recoverable=true join_leave=true flag=3}"},
      {R"({"id":3,"unsubscribe":{"channel":"a"}})", "#3 unsubscribe{channel=a}"},
      {R"({"id":4,"publish":{"channel":"a","data":"x","key":"k","class":"latest","idempotency_key":"i"}})",
       R"(#4 publish{channel=a data="x" key=k class=latest idempotency_key=i})"},
      {R"({"id":4,"publish":{"data":1,"class":"event"}})", "#4 publish{data=1}"},
      {R"({"id":4,"publish":{"data":1,"class":null}})", "#4 publish{data=1}"},
      {R"({"id":4,"publish":{"data":1,"class":""}})", "#4 publish{data=1}"},
      {R"({"id":4,"publish":{"data":1,"class":"Latest"}})", "#4 publish{data=1 class=unknown}"},
      {R"({"id":5,"presence":{"channel":"a"}})", "#5 presence{channel=a}"},
      {R"({"id":6,"presence_stats":{"channel":"a"}})", "#6 presence_stats{channel=a}"},
      {R"({"id":7,"history":{"channel":"a","limit":-1,"since":{"offset":3,"epoch":"e"},"reverse":true}})",
       "#7 history{channel=a limit=-1 since=true epoch=e offset=3 reverse=true}"},
      {R"({"id":8,"history":{"channel":"a"}})", "#8 history{channel=a}"},
      {R"({"id":9,"rpc":{"method":"m","data":null}})", "#9 rpc{method=m data=null}"},
      {R"({"id":10,"refresh":{"token":"t"}})", "#10 refresh{token=t}"},
      {R"({"id":11,"sub_refresh":{"channel":"a","token":"t"}})",
       "#11 sub_refresh{channel=a token=t}"},
      {R"({"send":{"data":1}})", "send{data=1}"},
      {R"({})", "pong{}"},
      {R"( { } )", "pong{}"},
      {R"({"id":12,"ping":{}})", "#12 unknown{method=ping}"},
      {R"({"id":13})", "#13 unknown{}"},
      {R"({"id":4294967295,"future":[{"x":[]}],"presence":{"channel":"a"}})",
       "#4294967295 presence{channel=a}"},
  };
  for (const auto& row : rows)
    CHECK(meaning(row.message) == row.means);
}

TEST_CASE("json decoding: null stands for an absent member, the last of duplicates wins") {
  CHECK(meaning(R"({"id":1,"subscribe":{"channel":"a","token":null,"offset":null,"recover":null}})")
        == "#1 subscribe{channel=a}");
  CHECK(meaning(R"({"id":1,"connect":null,"presence":{"channel":"a"}})")
        == "#1 presence{channel=a}");
  CHECK(meaning(R"({"id":1,"history":{"channel":"a","since":null}})") == "#1 history{channel=a}");
  CHECK(meaning(R"({"id":1,"connect":{"subs":null}})") == "#1 connect{}");
  CHECK(meaning(R"({"id":1,"id":2,"presence":{"channel":"a","channel":"b"}})")
        == "#2 presence{channel=b}");
  CHECK(meaning(R"({"id":1,"presence":{"channel":"a"},"history":{"channel":"a"}})") == "REFUSED");
  CHECK(meaning(R"({"id":1,"presence":{"channel":"a"},"presence":{"channel":"a"}})") == "REFUSED");
}

TEST_CASE("json decoding: escapes in keys and text are resolved") {
  CHECK(meaning(R"({"i\u0064":1,"pre\u0073ence":{"channel":"\u00e9\ud83d\ude00\n"}})")
        == "#1 presence{channel=\u00e9\U0001F600\n}");
}

TEST_CASE("json decoding: payloads are captured byte for byte") {
  const std::string_view payloads[] = {
      "123456789012345678901234567890",
      "-0",
      "0.1000000000000000000000000000000000001",
      "1e999999",
      "1E+5",
      "\"\"",
      R"("\ud800 \u0000 \/ \\ \" ")",
      "[1, 2 ,\t3]",
      R"({"a":{"b":[true,false,null]}, "a":2})",
      "\"\u00e9\U0001F600\"",
      "false",
      "null",
  };
  for (const auto payload : payloads)
    CHECK(meaning(publish(payload)) == published(payload));
  CHECK(meaning(publish("  1  ")) == published("1"));
}

TEST_CASE("json decoding: a carriage return between tokens becomes a space") {
  CHECK(meaning(publish("[1,\r2]")) == published("[1, 2]"));
  CHECK(meaning("{}\r\n") == "pong{}");
}

TEST_CASE("json decoding: a message is a run of lines, delivered in order") {
  CHECK(meaning("{\"id\":1,\"presence\":{}}\n{}") == "#1 presence{}\npong{}");
  CHECK(meaning("{}\n{}\n") == "pong{}\npong{}");
  CHECK(meaning("{}\n\n") == "pong{}\nREFUSED");
  CHECK(meaning("{}\n\n{}") == "pong{}\nREFUSED");
  CHECK(meaning("\n{}") == "REFUSED");
  CHECK(meaning("") == "REFUSED");
  CHECK(meaning("\n") == "REFUSED");
  CHECK(meaning("{}\nxxx\n{}") == "pong{}\nREFUSED");
}

TEST_CASE("json decoding: nothing is delivered after the sink has had enough") {
  recorder r;
  r.stop_after = 1;
  CHECK(json_dialect().decode("{}\n{}\ngarbage", false, r) == errc::none);
  CHECK(r.seen.size() == 1);
}

TEST_CASE("json decoding: nesting is bounded") {
  CHECK(meaning(publish(nested(32))) == published(nested(32)));
  CHECK(meaning(publish(nested(33))) == "REFUSED");
  CHECK(meaning(publish(nested(30'000))) == "REFUSED");
  CHECK(meaning(R"({"id":1,"x":)" + nested(33) + "}") == "REFUSED");
  CHECK(meaning(std::string(60'000, '{')) == "REFUSED");
  CHECK(meaning(publish(std::string(30'000, '['))) == "REFUSED");
}

TEST_CASE("json decoding: what is not the protocol is refused") {
  const std::string refused[] = {"x",
                                 "[]",
                                 "1",
                                 "\"a\"",
                                 "null",
                                 "true",
                                 "{",
                                 "}",
                                 "{}}",
                                 "{} {}",
                                 "{}x",
                                 "{\"id\":1",
                                 R"({"foo":{}})",
                                 R"({"id":0})",
                                 R"({"id":0,"foo":1})",
                                 R"({"id":-1,"presence":{}})",
                                 R"({"id":4294967296,"presence":{}})",
                                 R"({"id":1.0,"presence":{}})",
                                 R"({"id":"1","presence":{}})",
                                 R"({"id":01,"presence":{}})",
                                 R"({"id":1e0,"presence":{}})",
                                 R"({"id":1,"presence":[]})",
                                 R"({"id":1,"presence":1})",
                                 R"({"id":1,"presence":"x"})",
                                 R"({"id":1,"presence":{"channel":1}})",
                                 R"({"id":1,"presence":{"channel":["a"]}})",
                                 R"({"id":1,"presence":{"channel":"\ud800"}})",
                                 R"({"id":1,"presence":{"channel":"\x"}})",
                                 R"({"id":1,"presence":{"channel":"\u12"}})",
                                 R"({"id":1,"subscribe":{"recover":1}})",
                                 R"({"id":1,"subscribe":{"recover":truefoo}})",
                                 R"({"id":1,"subscribe":{"offset":-1}})",
                                 R"({"id":1,"subscribe":{"offset":18446744073709551616}})",
                                 R"({"id":1,"history":{"limit":1.5}})",
                                 R"({"id":1,"history":{"since":1}})",
                                 R"({"id":1,"connect":{"subs":[]}})",
                                 R"({"id":1,"connect":{"subs":{"a":1}}})",
                                 R"({"id":1,"publish":{"channel":"a"}})",
                                 R"({"id":1,"presence":{"channel":"a",}})",
                                 R"({"id":1,"presence":{"channel" "a"}})",
                                 R"({"id":1 "presence":{}})",
                                 R"({"id":1,"presence":{,}})",
                                 R"({"id":1,,"presence":{}})",
                                 R"({id:1,"presence":{}})",
                                 R"({"id":1,"presence":{},"x":nul})",
                                 R"({"id":1,"presence":{},"x":[1}})",
                                 R"({"id":1,"presence":{"x":+1}})",
                                 "{\"id\":1,\"presence\":{\"channel\":\"a\nb\"}}",
                                 std::string{"{\"id\":1,\"presence\":{\"channel\":\"a\0b\"}}", 36},
                                 std::string{"{\0}", 3},
                                 std::string{"{}\0", 3},
                                 "{\"id\":1,\"presence\":{\"channel\":\"\xff\"}}",
                                 "{\"id\":1,\"x\":\"\xc0\x80\"}",
                                 "{\"id\":1,\"x\":\"\xed\xa0\x80\"}",
                                 "\xEF\xBB\xBF{}"};
  for (const auto& message : refused)
    CHECK_MESSAGE(meaning(message) == "REFUSED", message);
}

TEST_CASE("json decoding: a payload that is not JSON is refused") {
  const std::string payloads[] = {
      "",        "01",         "1.",        ".5",         "-",     "+1",  "1e",      "1e+",
      "0x1",     "nul",        "nulll",     "True",       "NaN",   "'a'", "\"a",     "\"\\u12G4\"",
      "\"\\a\"", "\"\t\"",     "[1,]",      "[,1]",       "[1 2]", "[1}", "{\"a\"}", "{\"a\":}",
      "{1:2}",   "{\"a\":1,}", "{\"a\" 1}", "[\"\xc3\"]", "1 2",   "]",   "}",       "[[]",
      "{{}}",    "\"\x01\"",   "-01",       "1.e5"};
  for (const auto& payload : payloads)
    CHECK_MESSAGE(meaning(publish(payload)) == "REFUSED", payload);
}

} // namespace argosy::test
