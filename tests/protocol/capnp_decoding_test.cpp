// What the Cap'n Proto dialect makes of a message, and what it refuses.

#include "tests/protocol/capnp_client.hpp"
#include "tests/protocol/recorder.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

namespace argosy::test {

namespace {

using builder = wire::Command::Builder;

std::string meaning(std::string_view message, bool binary = true) {
  recorder r;
  const errc result = capnp_dialect().decode(message, binary, r);
  std::string text;
  for (const auto& command : r.seen)
    text += (text.empty() ? "" : "\n") + command;
  if (result == errc::none)
    return text;
  CHECK(result == errc::closed_bad_request);
  return text + (text.empty() ? "REFUSED" : "\nREFUSED");
}

capnp::Data::Reader data(const char* text) {
  return {reinterpret_cast<const kj::byte*>(text), std::strlen(text)};
}

void presence_of_a(builder c) {
  c.setId(1);
  c.initPresence().setChannel("a");
}

void unknown(builder c) {
  // The discriminant sits behind the id: bytes 4 and 5 of the data section.
  reinterpret_cast<std::uint16_t*>(
      capnp::AnyStruct::Builder{kj::mv(c)}.getDataSection().begin())[2] = 999;
}

} // namespace

TEST_CASE("capnp decoding: every command arrives with all its members") {
  CHECK(meaning(client_message({[](builder c) {
          c.setId(1);
          auto connect = c.initConnect();
          connect.setToken("t");
          connect.setData(data("{}"));
          connect.setName("n");
          connect.setVersion("v");
          auto subs = connect.initSubs(2);
          subs[0].setChannel("a");
          subs[0].setRecover(true);
          subs[0].initPosition().setEpoch("e");
          subs[0].getPosition().setOffset(7);
          subs[1].setChannel("b");
        }}))
        == "#1 connect{token=t data={} name=n version=v "
           "subs=a{recover=true epoch=e offset=7}b{}}");
  CHECK(meaning(client_message({[](builder c) {
          c.setId(2);
          auto subscribe = c.initSubscribe();
          subscribe.setChannel("a");
          subscribe.setToken("t");
          subscribe.setData(data("1"));
          subscribe.setRecover(true);
          subscribe.initPosition().setEpoch("e");
          subscribe.getPosition().setOffset(~0ULL);
          subscribe.setPositioned(true);
          subscribe.setRecoverable(true);
          subscribe.setJoinLeave(true);
          subscribe.setFlags(2);
        }}))
        == "#2 subscribe{channel=a token=t data=1 recover=true epoch=e offset=18446744073709551615 "
           "positioned=true recoverable=true join_leave=true flag=2}");
  CHECK(meaning(client_message({[](builder c) {
          c.setId(3);
          auto publish = c.initPublish();
          publish.setChannel("a");
          publish.setData(data("\xff\n"));
          publish.setDeliveryClass(wire::DeliveryClass::LATEST);
          publish.setKey("k");
          publish.setIdempotencyKey("i");
        }}))
        == "#3 publish{channel=a data=\xff\n key=k class=latest idempotency_key=i}");
  CHECK(meaning(client_message({[](builder c) {
          c.setId(4);
          auto history = c.initHistory();
          history.setChannel("a");
          history.setLimit(-1);
          history.initSince().setOffset(3);
          history.setReverse(true);
        }}))
        == "#4 history{channel=a limit=-1 since=true offset=3 reverse=true}");
}

TEST_CASE("capnp decoding: several commands in one message arrive in order") {
  CHECK(meaning(client_message({[](builder c) { c.setPong(); },
                                [](builder c) {
                                  c.setId(1);
                                  c.initUnsubscribe().setChannel("a");
                                },
                                presence_of_a,
                                [](builder c) {
                                  c.setId(2);
                                  c.initPresenceStats().setChannel("a");
                                },
                                [](builder c) {
                                  c.setId(3);
                                  c.initRpc().setMethod("m");
                                },
                                [](builder c) { c.setSend(data("hi")); },
                                [](builder c) {
                                  c.setId(4);
                                  c.setRefresh("t");
                                },
                                [](builder c) {
                                  c.setId(5);
                                  c.initSubRefresh().setToken("t");
                                }}))
        == "pong{}\n#1 unsubscribe{channel=a}\n#1 presence{channel=a}\n"
           "#2 presence_stats{channel=a}\n#3 rpc{method=m}\nsend{data=hi}\n#4 refresh{token=t}\n"
           "#5 sub_refresh{token=t}");
}

TEST_CASE("capnp decoding: a command of a later version is answered if it has an id") {
  CHECK(meaning(client_message({[](builder c) {
          c.setId(9);
          unknown(c);
        }}))
        == "#9 unknown{}");
  CHECK(meaning(client_message({presence_of_a, unknown})) == "#1 presence{channel=a}\nREFUSED");
}

TEST_CASE("capnp decoding: a message in many segments is one message") {
  capnp::MallocMessageBuilder message{1, capnp::AllocationStrategy::FIXED_SIZE};
  auto commands = message.initRoot<wire::ClientMessage>().initCommands(2);
  presence_of_a(commands[0]);
  presence_of_a(commands[1]);
  CHECK(message.getSegmentsForOutput().size() > 1);
  CHECK(meaning(bytes_of(message)) == "#1 presence{channel=a}\n#1 presence{channel=a}");
}

TEST_CASE("capnp decoding: what is not one whole message is refused") {
  const std::string good = client_message({presence_of_a});
  CHECK(meaning(good) == "#1 presence{channel=a}");
  CHECK(meaning(good, false) == "REFUSED");
  CHECK(meaning("") == "REFUSED");
  CHECK(meaning("{}") == "REFUSED");
  CHECK(meaning(good + good) == "REFUSED");
  CHECK(meaning(good + std::string(8, '\0')) == "REFUSED");
  CHECK(meaning(std::string(8, '\0')) == "REFUSED");
  CHECK(meaning(std::string(8, '\xff')) == "REFUSED");
  CHECK(meaning(client_message({})) == "REFUSED");
  for (std::size_t n = 0; n < good.size(); ++n)
    CHECK(meaning(std::string_view{good}.substr(0, n)) == "REFUSED");
}

TEST_CASE("capnp decoding: more than 64 segments are refused before anything is read") {
  const auto segments = [](std::uint32_t n) {
    std::string table(8 * (n / 2 + 1), '\0');
    table[0] = static_cast<char>(n - 1);
    return table;
  };
  CHECK(meaning(segments(64)) == "REFUSED"); // framed well, but without commands
  CHECK(meaning(segments(65)) == "REFUSED");
  CHECK(meaning(std::string{"\xff\xff\xff\x7f"} + std::string(4, '\0')) == "REFUSED");
}

TEST_CASE("capnp decoding: text must be UTF-8, data may be anything") {
  CHECK(meaning(client_message({[](builder c) {
          c.setId(1);
          c.initPresence().setChannel("\xff");
        }}))
        == "REFUSED");
  CHECK(meaning(client_message({[](builder c) { c.setSend(data("\xff")); }})) == "send{data=\xff}");
}

TEST_CASE("capnp decoding: a publish without data is refused, an unknown class gets an answer") {
  CHECK(meaning(client_message({[](builder c) {
          c.setId(1);
          c.initPublish().setChannel("a");
        }}))
        == "REFUSED");
  CHECK(meaning(client_message({[](builder c) {
          c.setId(1);
          c.initPublish().setData(data("1"));
          c.getPublish().setDeliveryClass(static_cast<wire::DeliveryClass>(7));
        }}))
        == "#1 publish{data=1 class=unknown}");
}

TEST_CASE("capnp decoding: pointers that share a target cannot multiply the message") {
  // A thousand commands whose publish all point at the same 8 KB: built honestly, then each
  // command's pointer is aimed at the first one's struct.
  const unsigned count = 1000;
  capnp::MallocMessageBuilder message{1 << 16};
  auto commands = message.initRoot<wire::ClientMessage>().initCommands(count);
  auto first = commands[0].initPublish();
  first.setChannel("a");
  first.initData(8192);
  for (unsigned i = 1; i < count; ++i)
    commands[i].initPublish();
  std::string bytes = bytes_of(message);

  recorder r;
  CHECK(capnp_dialect().decode(bytes, true, r) == errc::closed_bad_request);
  CHECK(r.seen.size() == 1);

  // Words: 1 of segment table, 1 root pointer, 1 pointer of ClientMessage, 1 list tag, then two
  // words a command: data and pointer. A far smaller offset each time reaches the same struct.
  std::vector<std::uint64_t> words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  const std::size_t list = 4;
  const std::uint64_t pointer = words[list + 1];
  for (std::size_t i = 0; i < count; ++i) {
    words[list + 2 * i] = words[list];
    const auto offset = static_cast<std::uint32_t>(pointer >> 2 & 0x3FFFFFFF) - 2 * i;
    words[list + 2 * i + 1] = (pointer & ~std::uint64_t{0xFFFFFFFF}) | offset << 2;
  }
  std::memcpy(bytes.data(), words.data(), bytes.size());
  r.seen.clear();
  CHECK(capnp_dialect().decode(bytes, true, r) == errc::closed_bad_request);
  CHECK(!r.seen.empty());
  CHECK(r.seen.size() < 20); // of a thousand
}

TEST_CASE("capnp decoding: nothing is delivered after the sink has had enough") {
  recorder r;
  r.stop_after = 1;
  CHECK(capnp_dialect().decode(client_message({presence_of_a, unknown}), true, r) == errc::none);
  CHECK(r.seen.size() == 1);
}

} // namespace argosy::test
