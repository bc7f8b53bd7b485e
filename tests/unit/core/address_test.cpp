// Names: addresses and the decoding of base64.
#include "runtime/core/address.hpp"
#include "runtime/core/base64.hpp"

#include <doctest/doctest.h>

#include <string>
#include <unordered_set>
#include <utility>

using argosy::address;
using argosy::address_kind;
using argosy::decode_base64;

TEST_CASE("address: the text form and the parts tell the same") {
  const address a{"acme", address_kind::room, "chat/1"};
  CHECK(a.text() == "acme/room/chat/1");
  CHECK(a.tenant() == "acme");
  CHECK(a.kind() == address_kind::room);
  CHECK(a.key() == "chat/1");
  for (std::size_t i = 0; i < argosy::address_kind_count; ++i) {
    const address before{"t", static_cast<address_kind>(i), "k"};
    const auto after = address::parse(before.text());
    REQUIRE(after);
    CHECK(*after == before);
    CHECK(after->kind() == before.kind());
  }
}

TEST_CASE("address: a key may hold any bytes") {
  const std::string key{"a/\0\xFF/", 5};
  const address a{"acme", address_kind::user, key};
  const auto again = address::parse(a.text());
  REQUIRE(again);
  CHECK(again->key() == key);
}

TEST_CASE("address: what is not an address is refused") {
  for (const std::string text : {"", "/", "//", "acme", "acme/room", "acme/room/", "acme/rooms/a",
                                 "acme/Room/a", "/room/a", "acme//a", "acme/ room/a"}) {
    CAPTURE(text);
    CHECK_FALSE(address::parse(text));
  }
}

TEST_CASE("address: a default one is false, empty and equal to its like only") {
  const address none;
  CHECK_FALSE(none);
  CHECK(none.text().empty());
  CHECK(none.key().empty());
  CHECK(none.hash() == 0);
  CHECK(none == address{});
  CHECK_FALSE(none == address{"t", address_kind::room, "a"});
}

TEST_CASE("address: hashes stay what they are, for other nodes rely on them") {
  CHECK(address{"acme", address_kind::room, "lobby"}.hash() == 0x670070D44F3C5A88U);
  CHECK(address{"acme", address_kind::room, "lobby"}.shard() == 2696);
  CHECK(address{"default", address_kind::room, "chat:index"}.hash() == 0x190DB90479A88A54U);
  CHECK(address{"acme", address_kind::user, "42"}.shard() == 803);
}

TEST_CASE("address: a room, its replica and its presence share a shard, but are not equal") {
  const address room{"acme", address_kind::room, "lobby"};
  const auto replica = room.as(address_kind::replica);
  CHECK(replica.text() == "acme/replica/lobby");
  CHECK(replica.shard() == room.shard());
  CHECK_FALSE(replica == room);
  CHECK(replica.as(address_kind::room) == room);
}

TEST_CASE("address: the cut between tenant and key counts in the hash") {
  CHECK(address{"a", address_kind::room, "bc"}.hash()
        != address{"ab", address_kind::room, "c"}.hash());
}

TEST_CASE("address: keys spread over the shards") {
  std::unordered_set<std::uint32_t> shards;
  for (int i = 0; i < 4096; ++i) {
    const address a{"acme", address_kind::room, "room-" + std::to_string(i)};
    REQUIRE(a.shard() < argosy::shard_count);
    shards.insert(a.shard());
  }
  CHECK(shards.size() > 2400); // 4,096 balls leave 2,589 of 4,096 boxes filled on average
}

TEST_CASE("address: copies, moves and self-assignment keep the text alive") {
  address a{"acme", address_kind::room, "lobby"};
  address b = a;
  auto& alias = a;
  a = alias;
  CHECK(a == b);
  const address c = std::move(a);
  b = address{};
  CHECK(c.text() == "acme/room/lobby");
}

TEST_CASE("base64: the vectors of RFC 4648 section 10") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("Zg==") == "f");
  CHECK(decode_base64("Zm8=") == "fo");
  CHECK(decode_base64("Zm9v") == "foo");
  CHECK(decode_base64("Zm9vYg==") == "foob");
  CHECK(decode_base64("Zm9vYmE=") == "fooba");
  CHECK(decode_base64("Zm9vYmFy") == "foobar");
  CHECK(decode_base64("+/+/") == "\xFB\xFF\xBF");
}

TEST_CASE("base64: what is not padded base64 is refused") {
  for (const std::string text : {"Z", "Zg", "Zg=", "====", "Z===", "Zg==Zg==", "Z=g=", "Zm9v\n",
                                 "Zm 9", "-_-_", "=Zg=", "Zm9vZg", "Zm9vZ==="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}
