// node_codec: what cannot be is refused with its reason, and nothing ends the process.
#include "tests/unit/wire/envelopes.hpp"
#include "tests/unit/wire/same.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

using argosy::wire::envelope_flaw;

namespace argosy::testing {

namespace {

namespace node = wire::node;

using builder = node::Envelope::Builder;

constexpr const char* room_text = "acme/room/lobby";

/// The flaw of an envelope to a room that `fill` has made.
template <class Fill>
envelope_flaw flaw_to_room(Fill&& fill) {
  return flaw_of(envelope_by_hand([&](builder out) {
    out.setTo(room_text);
    fill(out);
  }));
}

template <class Fill>
envelope_flaw flaw_to_node(Fill&& fill) {
  return flaw_of(envelope_by_hand(fill));
}

/// What can be read can be said again, and means the same.
bool is_sound(const node_envelope& heard) {
  node_envelope again;
  return wire::decode(encoded(heard), again, some_time) == envelope_flaw::none
         && same(heard.what, again.what) && heard.to == again.to;
}

/// Two members of one name: no leader decides that.
cluster::view contradiction() {
  cluster::view v;
  v.no = 4;
  v.members = {{{"a", 1}, "a:1", cluster::member_state::up, 100, "", ""},
               {{"a", 2}, "a:2", cluster::member_state::up, 100, "", ""}};
  return v;
}

} // namespace

TEST_CASE("node_codec: an envelope cut short is never taken for a whole one") {
  any_message any{11};
  for_each_message(any, [&](const auto& message) {
    const auto bytes = encoded(enveloped(any, message));
    for (std::size_t size = 0; size < bytes.size(); ++size)
      REQUIRE(flaw_of(std::string_view{bytes}.substr(0, size)) == envelope_flaw::layout);
    CHECK(flaw_of(bytes + bytes) == envelope_flaw::layout);
  });
}

TEST_CASE("node_codec: flipped bytes give a flaw or a message that is sound") {
  std::array<int, wire::envelope_flaw_count> seen{};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    any_message any{seed};
    for_each_message(any, [&](const auto& message) {
      const auto good = encoded(enveloped(any, message));
      for (int i = 0; i < 60; ++i) {
        auto bytes = good;
        for (auto n = 1 + any.below(3); n > 0; --n)
          bytes[any.below(bytes.size())] = static_cast<char>(any.below(256));
        node_envelope heard;
        const auto flaw = wire::decode(bytes, heard, some_time);
        ++seen[static_cast<std::size_t>(flaw)];
        if (flaw == envelope_flaw::none) {
          CAPTURE(seed);
          REQUIRE(is_sound(heard));
        }
      }
    });
  }
  for (const auto flaw :
       {envelope_flaw::none, envelope_flaw::layout, envelope_flaw::unknown, envelope_flaw::value})
    CHECK_MESSAGE(seen[static_cast<std::size_t>(flaw)] > 20, wire::to_string(flaw));
}

TEST_CASE("node_codec: garbage is refused") {
  any_message any{12};
  for (int i = 0; i < 20'000; ++i)
    CHECK(flaw_of(any.any_bytes(any.below(200))) != envelope_flaw::none);
  CHECK(flaw_of(std::string(wire::envelope_bytes_max + 8, '\0')) == envelope_flaw::too_large);
}

TEST_CASE("node_codec: a message of a later version is unknown, not broken") {
  any_message any{13};
  for_each_message(any, [&](const auto& message) {
    const auto good = encoded(enveloped(any, message));
    // One of these is the number of the union's member.
    int unknown = 0;
    for (std::size_t at = 16; at + 1 < std::min<std::size_t>(good.size(), 64); at += 2) {
      auto bytes = good;
      bytes[at] = bytes[at + 1] = '\x7F';
      unknown += flaw_of(bytes) == envelope_flaw::unknown ? 1 : 0;
    }
    CHECK(unknown >= 1);
  });
}

TEST_CASE("node_codec: an order to sessions of a later version is unknown, too") {
  const auto good =
      *wire::encode(1, {}, 0, cluster::for_sessions{{}, subscribe_session{"a"}}, some_time);
  int unknown = 0;
  for (std::size_t at = 0; at < good.size(); at += 2) {
    auto bytes = good;
    bytes[at] = bytes[at + 1] = '\x7F';
    unknown += flaw_of(bytes) == envelope_flaw::unknown ? 1 : 0;
  }
  CHECK(unknown == 2);
}

TEST_CASE("node_codec: an address stands where it belongs, and within its bounds") {
  const auto flaw_for = [](const std::string& to) {
    return flaw_of(envelope_by_hand([&](builder out) {
      out.setTo(to);
      out.initClearHistory();
    }));
  };
  CHECK(flaw_for(room_text) == envelope_flaw::none);
  CHECK(flaw_for("acme/room/" + std::string(1024, 'k')) == envelope_flaw::none);
  CHECK(flaw_for("acme/room/" + std::string(1025, 'k')) == envelope_flaw::value);
  CHECK(flaw_for(std::string(64, 't') + "/room/k") == envelope_flaw::none);
  CHECK(flaw_for(std::string(65, 't') + "/room/k") == envelope_flaw::value);
  for (const auto* wrong : {"", "acme", "acme/room", "acme/room/", "/room/a", "acme/boat/a"})
    CHECK_MESSAGE(flaw_for(wrong) == envelope_flaw::value, wrong);

  CHECK(flaw_to_node([](builder out) { out.initClearHistory(); }) == envelope_flaw::value);
  CHECK(flaw_to_node([](builder out) { out.initFanCleared(); }) == envelope_flaw::value);
  CHECK(flaw_to_node([](builder out) { out.initDescribe(); }) == envelope_flaw::none);
  CHECK(flaw_to_room([](builder out) { out.initDescribe(); }) == envelope_flaw::none);
  CHECK(flaw_to_room([](builder out) { out.initProbe(); }) == envelope_flaw::value);
  CHECK(flaw_to_room([](builder out) { out.initHistoryCleared(); }) == envelope_flaw::value);
  CHECK(flaw_to_room([](builder out) { out.initListPresence().setRoom("acme"); })
        == envelope_flaw::value);
}

TEST_CASE("node_codec: a node has a name") {
  for (const auto* wrong : {"", "a b", "a/b", "a#1"}) {
    CHECK(flaw_to_node([&](builder out) { out.initDeathProof().setName(wrong); })
          == envelope_flaw::value);
    CHECK(flaw_to_node([&](builder out) { out.initLinkHello().initFrom().setName(wrong); })
          == envelope_flaw::value);
    CHECK(flaw_to_node([&](builder out) { out.initJoinCluster().initId().setName(wrong); })
          == envelope_flaw::value);
    CHECK(flaw_to_node([&](builder out) { out.initTargetHeard().initTarget().setName(wrong); })
          == envelope_flaw::value);
  }
  CHECK(flaw_to_node([](builder out) { out.initDeathProof().setName("b-1.eu_x"); })
        == envelope_flaw::none);
}

TEST_CASE("node_codec: enumerants are in range") {
  CHECK(flaw_to_node(
            [](builder out) { out.initRoomPublished().setError(static_cast<node::ErrorCode>(35)); })
        == envelope_flaw::value);
  CHECK(flaw_to_node(
            [](builder out) { out.initBounced().setWhy(static_cast<node::Bounced::Why>(2)); })
        == envelope_flaw::value);
  CHECK(flaw_to_room([](builder out) {
          out.initCommandSessions().setVerb(static_cast<node::SessionVerb>(4));
        })
        == envelope_flaw::value);
  CHECK(flaw_to_node([](builder out) {
          auto who = out.initJoinCluster();
          who.initId().setName("a");
          who.setState(static_cast<node::MemberState>(4));
        })
        == envelope_flaw::value);
}

TEST_CASE("node_codec: what admins say to each other is bounded and of this version") {
  CHECK(flaw_to_node([](builder out) {
          out.initInquireNode().setAbout(static_cast<node::InquireNode::Topic>(inquiry_count));
        })
        == envelope_flaw::value);
  CHECK(flaw_to_room([](builder out) { out.initInquireNode(); }) == envelope_flaw::value);
  CHECK(flaw_to_room([](builder out) { out.initNodeTold(); }) == envelope_flaw::value);
  CHECK(flaw_to_node(
            [](builder out) { out.initNodeTold().setError(static_cast<node::ErrorCode>(35)); })
        == envelope_flaw::value);
  CHECK(
      flaw_to_node([](builder out) { out.initNodeTold().initItems(wire::envelope_items_max + 1); })
      == envelope_flaw::too_large);
  CHECK(flaw_to_node([](builder out) {
          out.initNodeTold().initItems(1)[0].initFacts(wire::envelope_items_max + 1);
        })
        == envelope_flaw::too_large);
}

TEST_CASE("node_codec: a view is one that a leader could have decided") {
  CHECK(flaw_of(*wire::encode(1, {}, 0, cluster::view_decided{contradiction()}, some_time))
        == envelope_flaw::value);
  CHECK(
      flaw_to_node([](builder out) { out.initViewDecided().initMembers(cluster::members_max + 1); })
      == envelope_flaw::too_large);
}

TEST_CASE("node_codec: what a message cannot do without is there") {
  // Taken away again, the number of the union's member stays.
  const auto taken = [](builder out, auto init, auto disown) {
    (out.*init)();
    (out.*disown)();
  };
  for (const auto flaw : {
           flaw_to_room([&](builder out) {
             taken(out, &builder::initFanPublication, &builder::disownFanPublication);
           }),
           flaw_to_room([&](builder out) {
             taken(out, &builder::initMemberJoined, &builder::disownMemberJoined);
           }),
           flaw_to_room([&](builder out) {
             taken(out, &builder::initMemberLeft, &builder::disownMemberLeft);
           }),
           flaw_to_room([&](builder out) {
             taken(out, &builder::initSessionClosed, &builder::disownSessionClosed);
           }),
           flaw_to_room([](builder out) { out.initFanMembership(); }),
           flaw_to_room([](builder out) { out.initOpenSession(); }),
           flaw_to_room(
               [](builder out) { out.initPresenceDelta().initChanges(1)[0].setRoom(room_text); }),
           flaw_to_room([](builder out) {
             out.initPresenceSnapshot().initEntries(1)[0].setRoom(room_text);
           }),
           flaw_to_room([](builder out) {
             auto change = out.initPresenceDelta().initChanges(1)[0];
             change.setRoom(room_text);
             change.initInfo().initClient();
             change.setAbsence(static_cast<node::PresenceChange::Absence>(3));
           }),
           flaw_to_room([](builder out) { out.initPresenceLeftOver().initLingering(1); }),
           flaw_to_node([](builder out) { out.initPresenceWanted(); }),
           flaw_to_node([](builder out) { out.initPresenceWanted().setTracker("acme"); }),
           flaw_to_node([](builder out) { out.initForSessions(); }),
       })
    CHECK(flaw == envelope_flaw::value);
}

TEST_CASE("node_codec: an age is one that a clock can go back") {
  const auto flaw_of_age = [](std::int64_t age_us) {
    return flaw_to_room([=](builder out) { out.initFanPublication().setAgeUs(age_us); });
  };
  CHECK(flaw_of_age(-1) == envelope_flaw::none);
  CHECK(flaw_of_age(0) == envelope_flaw::none);
  CHECK(flaw_of_age(-2) == envelope_flaw::value);
  CHECK(flaw_of_age(std::numeric_limits<std::int64_t>::max()) == envelope_flaw::value);
}

TEST_CASE("node_codec: a list beyond the bound is refused before its items are made") {
  CHECK(flaw_to_node(
            [](builder out) { out.initMembersCounted().initRooms(wire::envelope_items_max + 1); })
        == envelope_flaw::too_large);
  CHECK(flaw_to_room(
            [](builder out) { out.initPublishRoom().initTags(wire::envelope_items_max + 1); })
        == envelope_flaw::too_large);
}

TEST_CASE("node_codec: a few bytes cannot claim many items of no length") {
  const auto good = envelope_by_hand([](builder out) { out.initMembersCounted().initRooms(1); });
  // The last four words: pointer to the list, its tag, and one room, which the claim leaves out.
  const auto claiming = [&](std::uint32_t items) {
    auto bytes = good;
    const auto pointer = bytes.size() - 4 * sizeof(std::uint64_t);
    const std::uint32_t no_words = 7; // a list of structs, in 0 words
    const std::array<std::uint32_t, 2> tag{items << 2, 0};
    std::memcpy(bytes.data() + pointer + 4, &no_words, sizeof no_words);
    std::memcpy(bytes.data() + pointer + 8, tag.data(), sizeof tag);
    return flaw_of(bytes);
  };
  CHECK(claiming(3) == envelope_flaw::none);
  CHECK(claiming(1'000) == envelope_flaw::layout);
  CHECK(claiming(wire::envelope_items_max + 1) != envelope_flaw::none);
}

} // namespace argosy::testing
