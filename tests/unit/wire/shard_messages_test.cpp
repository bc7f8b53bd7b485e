// node_codec: what goes from owner to owner with a shard, and what of it is refused. That each of
// its messages arrives as it was sent is in round_trip_test, for any content.
#include "tests/unit/wire/envelopes.hpp"
#include "tests/unit/wire/same.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>

using argosy::wire::envelope_flaw;

namespace argosy::testing {

namespace {

namespace node = wire::node;

using namespace std::chrono_literals;
using builder = node::Envelope::Builder;

const address lobby{"acme", address_kind::room, "lobby"};

node_envelope decoded(std::string_view bytes, wire::clock_time now = some_time) {
  node_envelope out;
  REQUIRE(wire::decode(bytes, out, now) == envelope_flaw::none);
  return out;
}

template <class Message>
Message crossed_to_node(const Message& said, wire::clock_time here = some_time) {
  const auto bytes = wire::encode(1, {}, 0, said, some_time);
  return std::get<Message>(std::get<peer_message>(decoded(*bytes, here).what));
}

declare_interest crossed(const declare_interest& said) {
  const auto bytes = wire::encode(1, lobby, 0, said, some_time);
  return std::get<declare_interest>(std::get<routed_message>(decoded(*bytes).what));
}

interest_granted crossed(const interest_granted& said) {
  const auto bytes = wire::encode(1, lobby, 0, said, some_time);
  return std::get<interest_granted>(std::get<replica_message>(decoded(*bytes).what));
}

publication_ptr with_key(std::string key) {
  auto p = std::make_shared<publication>();
  p->offset = 7;
  p->data = std::string("1");
  p->idempotency_key = std::move(key);
  p->accepted_at = some_time - 3s;
  return p;
}

/// One part with a room in it that has something of everything.
cluster::shard_part full_part() {
  cluster::room_content r;
  r.room = lobby;
  r.past.position = {"6.f", 7};
  r.past.ancestors = {{"4.d", 2}, {"5.e", 5}};
  r.past.tail = {with_key("k"), with_key({})};
  r.keys = {{std::string("a\0b", 3), 6, some_time - 10s}, {"never dated", 0, {}}};
  r.interest = {{{"bob", 4}, 9, true}, {{"cat", 1}, 2, false}};
  cluster::shard_part m;
  m.shard = lobby.shard();
  m.ticket = 12;
  m.part = 1;
  m.parts = 3;
  m.rooms = {r, r};
  return m;
}

template <class Fill>
envelope_flaw flaw_to_node(Fill&& fill) {
  return flaw_of(envelope_by_hand(fill));
}

/// The flaw of a part with one room, after `spoil` has had it.
template <class Spoil>
envelope_flaw flaw_of_room(Spoil&& spoil) {
  return flaw_to_node([&](builder out) {
    auto part = out.initShardPart();
    part.setParts(1);
    auto room = part.initRooms(1)[0];
    room.setRoom("acme/room/lobby");
    spoil(room);
  });
}

} // namespace

TEST_CASE("shard_messages: a room arrives with all that it is") {
  const auto said = full_part();
  CHECK(same(crossed_to_node(said), said));
}

TEST_CASE("shard_messages: the ages of keys and publications cross, not their clock") {
  const auto here = some_time + 5h;
  const auto heard = crossed_to_node(full_part(), here);
  const auto& room = heard.rooms.at(0);
  CHECK(room.keys.at(0).since == here - 10s);
  CHECK(room.keys.at(1).since == wire::clock_time{});
  CHECK(room.past.tail.at(0)->accepted_at == here - 3s);
}

TEST_CASE("shard_messages: a shard with nothing in it is a part, too") {
  cluster::shard_part empty;
  empty.shard = shard_count - 1;
  const auto heard = crossed_to_node(empty);
  CHECK(heard.rooms.empty());
  CHECK(heard.part == 0);
  CHECK(heard.parts == 1);
  CHECK(heard.shard == shard_count - 1);
}

TEST_CASE("shard_messages: each refusal keeps its meaning, and only a redirect names somebody") {
  using cluster::pull_refusal;
  for (const auto why : {pull_refusal::redirect, pull_refusal::not_ready, pull_refusal::wrong_owner,
                         pull_refusal::unknown}) {
    cluster::shard_refused said{5, 12, why, {}, 4};
    if (why == pull_refusal::redirect)
      said.to = {"bob", 4};
    const auto heard = crossed_to_node(said);
    CHECK(heard.why == why);
    CHECK(heard.to == said.to);
    CHECK(heard.as_of == 4);
    CHECK(heard.ticket == 12);
    CHECK(heard.shard == 5);
  }
}

TEST_CASE("shard_messages: a publication crosses with its idempotency key") {
  for (const auto& key :
       {std::string{}, std::string{"k"}, std::string("a\0b", 3), std::string(1'000, 'k')}) {
    const auto bytes = wire::encode(1, lobby, 0, fan_publication{with_key(key)}, some_time);
    const auto heard = decoded(*bytes);
    CHECK(std::get<fan_publication>(std::get<replica_message>(heard.what)).what->idempotency_key
          == key);
  }
}

TEST_CASE("shard_messages: a replica says where it stands, or that it stands nowhere") {
  declare_interest said;
  said.who.version = 3;
  CHECK(crossed(said).known == stream_position{});
  said.known = {"5.e", 7};
  CHECK(crossed(said).known == said.known);
  CHECK(crossed(said).who.version == 3);
  said.known = {"5.e", 0};
  CHECK(crossed(said).known == said.known);
}

TEST_CASE("shard_messages: a replica is told where its room comes from") {
  interest_granted said;
  said.past.position = {"9.x", 40};
  CHECK(crossed(said).past.ancestors.empty());
  for (std::uint64_t i = 1; i <= ancestors_max; ++i)
    said.past.ancestors.push_back({std::to_string(i) + ".e", i});
  said.past.tail = {with_key("k")};
  CHECK(same(crossed(said), said));
}

TEST_CASE("shard_messages: there is no shard beyond the last") {
  const auto flaws_of = [](std::uint32_t shard) {
    return std::vector{
        flaw_to_node([=](builder out) { out.initShardWanted().setShard(shard); }),
        flaw_to_node([=](builder out) {
          auto part = out.initShardPart();
          part.setParts(1);
          part.setShard(shard);
        }),
        flaw_to_node([=](builder out) { out.initShardRefused().setShard(shard); }),
        flaw_to_node([=](builder out) { out.initShardReceived().setShard(shard); }),
        flaw_to_node([=](builder out) { out.initShardsActive().initShards(2).set(1, shard); }),
    };
  };
  CHECK(flaws_of(shard_count - 1) == std::vector(5, envelope_flaw::none));
  for (const auto beyond : {shard_count, std::numeric_limits<std::uint32_t>::max()})
    CHECK(flaws_of(beyond) == std::vector(5, envelope_flaw::value));
}

TEST_CASE("shard_messages: no node is active in more shards than there are") {
  const auto flaw_of_count = [](unsigned count) {
    return flaw_to_node([=](builder out) { out.initShardsActive().initShards(count); });
  };
  CHECK(flaw_of_count(0) == envelope_flaw::none);
  CHECK(flaw_of_count(shard_count + 1) == envelope_flaw::too_large);
}

TEST_CASE("shard_messages: a part is one of its parts") {
  const auto flaw_of_part = [](std::uint32_t part, std::uint32_t parts) {
    return flaw_to_node([=](builder out) {
      auto m = out.initShardPart();
      m.setPart(part);
      m.setParts(parts);
    });
  };
  CHECK(flaw_of_part(0, 1) == envelope_flaw::none);
  CHECK(flaw_of_part(2, 3) == envelope_flaw::none);
  CHECK(flaw_of_part(0, 0) == envelope_flaw::value);
  CHECK(flaw_of_part(3, 3) == envelope_flaw::value);
  CHECK(flaw_of_part(std::numeric_limits<std::uint32_t>::max(), 3) == envelope_flaw::value);
}

TEST_CASE("shard_messages: only rooms go from owner to owner") {
  CHECK(flaw_of_room([](auto) {}) == envelope_flaw::none);
  for (const auto* wrong :
       {"", "acme", "acme/room/", "acme/user/42", "acme/presence/7", "acme/replica/lobby"})
    CHECK_MESSAGE(flaw_of_room([=](auto room) { room.setRoom(wrong); }) == envelope_flaw::value,
                  wrong);
}

TEST_CASE("shard_messages: there are no more ancestors than any history remembers") {
  constexpr auto most = static_cast<unsigned>(ancestors_max);
  CHECK(flaw_of_room([](auto room) { room.initAncestors(most); }) == envelope_flaw::none);
  CHECK(flaw_of_room([](auto room) { room.initAncestors(most + 1); }) == envelope_flaw::too_large);
  const auto granted = [](unsigned count) {
    return flaw_of(envelope_by_hand([=](builder out) {
      out.setTo("acme/room/lobby");
      out.initInterestGranted().initAncestors(count);
    }));
  };
  CHECK(granted(most) == envelope_flaw::none);
  CHECK(granted(most + 1) == envelope_flaw::too_large);
}

TEST_CASE("shard_messages: what is in a room is checked as anywhere else") {
  CHECK(flaw_of_room([](auto room) { room.initKeys(1)[0].setAgeUs(-1); }) == envelope_flaw::none);
  CHECK(flaw_of_room([](auto room) { room.initKeys(1)[0].setAgeUs(-2); }) == envelope_flaw::value);
  CHECK(flaw_of_room([](auto room) {
          room.initKeys(1)[0].setAgeUs(std::numeric_limits<std::int64_t>::max());
        })
        == envelope_flaw::value);
  CHECK(flaw_of_room([](auto room) { room.initTail(1)[0].setAgeUs(-2); }) == envelope_flaw::value);
  CHECK(flaw_of_room([](auto room) { room.initInterest(1); }) == envelope_flaw::value);
  CHECK(flaw_of_room([](auto room) { room.initInterest(1)[0].initNode().setName("a b"); })
        == envelope_flaw::value);
  CHECK(flaw_of_room([](auto room) { room.initKeys(wire::envelope_items_max + 1); })
        == envelope_flaw::too_large);
}

TEST_CASE("shard_messages: a refusal has a reason of this version, and sends to somebody") {
  CHECK(flaw_to_node([](builder out) {
          out.initShardRefused().setWhy(static_cast<node::ShardRefused::Why>(4));
        })
        == envelope_flaw::value);
  CHECK(flaw_to_node([](builder out) { out.initShardRefused().initTo(); }) == envelope_flaw::value);
}

TEST_CASE("shard_messages: what the hosts say goes to no address") {
  CHECK(flaw_of(envelope_by_hand([](builder out) {
          out.setTo("acme/room/lobby");
          out.initShardWanted();
        }))
        == envelope_flaw::value);
}

TEST_CASE("shard_messages: a node may be active in any number of shards") {
  for (const std::uint32_t count : {0U, 1U, 2U, 5U, 10U, 100U, 1'000U, shard_count}) {
    CAPTURE(count);
    cluster::shards_active said{5, {}};
    for (std::uint32_t shard = 0; shard < count; ++shard)
      said.shards.push_back(shard);
    CHECK(flaw_of(*wire::encode(1, {}, 0, said, some_time)) == envelope_flaw::none);
  }
}

TEST_CASE("shard_messages: a place without an epoch is nowhere or refused: it is sayable again") {
  node_envelope heard;
  const auto bytes = envelope_by_hand([](builder out) {
    out.setTo("acme/room/lobby");
    out.initDeclareInterest().initKnown().setOffset(5);
  });
  if (wire::decode(bytes, heard, some_time) == envelope_flaw::none)
    CHECK(same(decoded(encoded(heard)).what, heard.what));
}

} // namespace argosy::testing
