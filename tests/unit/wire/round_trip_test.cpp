// node_codec: what is said on one node is what is heard on the other.
#include "runtime/wire/message_reader.hpp"
#include "tests/unit/wire/envelopes.hpp"
#include "tests/unit/wire/same.hpp"

#include <capnp/serialize.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

using argosy::wire::envelope_flaw;

namespace argosy::testing {

namespace {

using namespace std::chrono_literals;

node_envelope decoded(std::string_view bytes, wire::clock_time now = some_time) {
  node_envelope out;
  REQUIRE(wire::decode(bytes, out, now) == envelope_flaw::none);
  return out;
}

template <class Message>
const Message& get(const node_envelope& e) {
  using group =
      std::conditional_t<std::is_constructible_v<wire::borrowed<replica_message>, const Message*>,
                         replica_message, routed_message>;
  return std::get<Message>(std::get<group>(e.what));
}

fan_publication accepted_at(wire::clock_time when) {
  auto p = std::make_shared<publication>();
  p->data = "1";
  p->accepted_at = when;
  return {p};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits{"0123456789abcdef"};
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 8 == 0)
      out += ' ';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string unhex(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += digits[i] == ' ' ? 1 : 2)
    if (digits[i] != ' ')
      out += static_cast<char>(std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16));
  return out;
}

publication sample() {
  publication p;
  p.offset = 7;
  p.data = R"({"hello":"world"})";
  p.info = std::make_shared<const client_info>(client_info{{1, 2}, "42", "", ""});
  p.tags = {{"k", "v"}};
  p.time_ms = 1'700'000'000'000;
  p.accepted_at = some_time - 1500us;
  return p;
}

const address lobby{"acme", address_kind::room, "lobby"};

} // namespace

TEST_CASE("node_codec: every message that may cross arrives as it was sent") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    any_message any{seed};
    for_each_message(any, [&](const auto& message) {
      const auto sent = enveloped(any, message);
      const auto heard = decoded(encoded(sent));
      CAPTURE(seed);
      CAPTURE(sent.what.index());
      CHECK(heard.view_no == sent.view_no);
      CHECK(heard.question == sent.question);
      CHECK(heard.to == sent.to);
      CHECK(same(heard.what, sent.what));
    });
  }
}

TEST_CASE("node_codec: each message of the list has a number of its own") {
  any_message any{1};
  std::set<int> numbers;
  std::size_t messages = 0;
  for_each_message(any, [&](const auto& message) {
    const auto bytes = encoded(enveloped(any, message));
    const auto* opened = wire::message_bytes::open(bytes);
    REQUIRE(opened != nullptr);
    capnp::FlatArrayMessageReader reader{opened->words()};
    numbers.insert(reader.getRoot<wire::node::Envelope>().which());
    ++messages;
  });
  CHECK(numbers.size() == messages);
}

TEST_CASE("node_codec: what was read owns all it has") {
  any_message any{7};
  auto sent = enveloped(any, any.make<publish_room>());
  auto bytes = encoded(sent);
  const auto heard = decoded(bytes);
  std::fill(bytes.begin(), bytes.end(), 'x');
  (void)flaw_of(encoded(enveloped(any, any.make<history_read>())));
  CHECK(same(heard.what, sent.what));
}

TEST_CASE("node_codec: an envelope is read wherever it lies") {
  any_message any{9};
  for_each_message(any, [&](const auto& message) {
    const auto sent = enveloped(any, message);
    for (std::size_t gap = 1; gap < 8; ++gap) {
      const auto shifted = std::string(gap, '.') + encoded(sent);
      CHECK(same(decoded(std::string_view{shifted}.substr(gap)).what, sent.what));
    }
  });
}

TEST_CASE("node_codec: a publication's age crosses, not its clock") {
  const auto there = some_time;
  const auto here = some_time + 5h;
  const auto crossed = [&](wire::clock_time when) {
    const auto bytes = wire::encode(1, lobby, 0, accepted_at(when), there);
    return get<fan_publication>(decoded(*bytes, here)).what->accepted_at;
  };
  CHECK(crossed(there - 250us) == here - 250us);
  CHECK(crossed(there - 90min) == here - 90min);
  CHECK(crossed(there) == here);
  CHECK(crossed(there - 999ns) == here);    // counted in whole microseconds
  CHECK(crossed(there + 1ms) == here);      // the sender's `now` was a little old
  CHECK(crossed({}) == wire::clock_time{}); // never known, not known here either
}

TEST_CASE("node_codec: of who is interested, only the version crosses") {
  declare_interest declared;
  declared.who.node = {"b", 3};
  declared.who.version = 12;
  const auto bytes = wire::encode(1, lobby, 0, declared, some_time);
  const auto& who = get<declare_interest>(decoded(*bytes)).who;
  CHECK(who.version == 12);
  CHECK(who.node == cluster::node_identity{});
}

TEST_CASE("node_codec: each error keeps its meaning") {
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(errc::count_); ++i) {
    const auto e = static_cast<errc>(i);
    const auto bytes = wire::encode(1, {}, 0, session_opened{4, e, true}, some_time);
    const auto heard = decoded(*bytes);
    const auto& opened = std::get<session_opened>(std::get<node_answer>(heard.what));
    CHECK(opened.error == e);
    CHECK(opened.ticket == 4);
  }
}

TEST_CASE("node_codec: lists may be as long as the bound, and no longer") {
  cluster::for_sessions order;
  order.clients.resize(wire::envelope_items_max);
  order.order = refresh_session{5};
  CHECK(flaw_of(*wire::encode(1, {}, 0, order, some_time)) == envelope_flaw::none);
  order.clients.resize(wire::envelope_items_max + 1);
  CHECK(flaw_of(*wire::encode(1, {}, 0, order, some_time)) == envelope_flaw::too_large);
}

TEST_CASE("node_codec: the bytes of version 1 stay what they are") {
  auto p = std::make_shared<publication>(sample());
  p->idempotency_key = "key";
  const auto bytes = wire::encode(9, lobby, 3, fan_publication{p}, some_time);
  CHECK(hex(*bytes)
        == "0000000020000000 0000000003000200 0900000000000000 0300000000000000 "
           "1700000000000000 0500000082000000 0800000004000400 61636d652f726f6f "
           "6d2f6c6f62627900 0700000000000000 0068e5cf8b010000 0000000000000000 "
           "23faffffffffffff 0d0000008a000000 1400000000000400 2d00000017000000 "
           "3d00000022000000 7b2268656c6c6f22 3a22776f726c6422 7d00000000000000 "
           "0c00000002000000 110000001a000000 0000000000000000 0000000000000000 "
           "0100000000000000 0200000000000000 3432000000000000 0400000000000200 "
           "0500000012000000 0500000012000000 6b00000000000000 7600000000000000 "
           "6b65790000000000");
}

TEST_CASE("node_codec: the bytes of a node that knows no keys are read, without one") {
  const auto heard =
      decoded(unhex("000000001e000000 0000000003000200 0900000000000000 0300000000000000 "
                    "1700000000000000 0500000082000000 0800000004000300 61636d652f726f6f "
                    "6d2f6c6f62627900 0700000000000000 0068e5cf8b010000 0000000000000000 "
                    "23faffffffffffff 090000008a000000 1000000000000400 2900000017000000 "
                    "7b2268656c6c6f22 3a22776f726c6422 7d00000000000000 0c00000002000000 "
                    "110000001a000000 0000000000000000 0000000000000000 0100000000000000 "
                    "0200000000000000 3432000000000000 0400000000000200 0500000012000000 "
                    "0500000012000000 6b00000000000000 7600000000000000"));
  CHECK(heard.view_no == 9);
  CHECK(heard.question == 3);
  CHECK(heard.to == lobby);
  CHECK(same(*get<fan_publication>(heard).what, sample()));
}

TEST_CASE("node_codec: the numbers of version 1 stay what they are") {
  using envelope = wire::node::Envelope;
  CHECK(envelope::PUBLISH_ROOM == 0);
  CHECK(envelope::DESCRIBE == 13);
  CHECK(envelope::ROOM_PUBLISHED == 14);
  CHECK(envelope::DESCRIPTION == 21);
  CHECK(envelope::INTEREST_GRANTED == 22);
  CHECK(envelope::FAN_CLEARED == 25);
  CHECK(envelope::LINK_HELLO == 26);
  CHECK(envelope::COUNT_MEMBERS == 47);
  CHECK(envelope::SHARD_WANTED == 54);
  CHECK(envelope::SHARDS_ACTIVE == 58);
}

} // namespace argosy::testing
