#include "runtime/core/channel_rules.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <vector>

using namespace argosy;

namespace {

const rights chat_caps{{{"chat:*", static_cast<std::uint8_t>(right::subscribe)},
                        {"news", all_rights},
                        {"user:*", all_rights},
                        {"*:log", static_cast<std::uint8_t>(right::history)}}};

channel_options make(auto change) {
  channel_options options;
  change(options);
  return options;
}

const channel_options closed;
const channel_options open_to_clients = make([](auto& o) { o.allow_subscribe_for_client = true; });
const channel_options open_to_all = make([](auto& o) {
  o.allow_subscribe_for_client = true;
  o.allow_subscribe_for_anonymous = true;
});
const channel_options personal = make([](auto& o) { o.personal_prefix = "user:"; });
const channel_options limited = make([](auto& o) {
  o.allow_user_limited_channels = true;
  o.allow_subscribe_for_client = true;
});

} // namespace

TEST_CASE("channel_rules: a subscription needs an option, a capability or a token") {
  struct row {
    const char* why;
    const channel_options& options;
    const char* channel;
    asker who;
    bool token;
    errc answer;
  };
  const auto denied = errc::permission_denied;
  const std::vector<row> table{
      {"closed by default", closed, "a", {"42"}, false, denied},
      {"a subscription token opens", closed, "a", {"42"}, true, errc::none},
      {"insecure mode opens", closed, "a", {"", nullptr, true}, false, errc::none},
      {"caps open what they match", closed, "chat:a", {"42", &chat_caps}, false, errc::none},
      {"caps do not open the rest", closed, "game:a", {"42", &chat_caps}, false, denied},
      {"caps need the right bit", closed, "a:log", {"42", &chat_caps}, false, denied},
      {"caps serve the anonymous too", closed, "chat:a", {"", &chat_caps}, false, errc::none},
      {"option for clients", open_to_clients, "a", {"42"}, false, errc::none},
      {"not for anonymous clients", open_to_clients, "a", {""}, false, denied},
      {"unless they are let in", open_to_all, "a", {""}, false, errc::none},
      {"private wants a token", open_to_all, "$a", {"42", &chat_caps}, false, denied},
      {"private with a token", closed, "$a", {"42"}, true, errc::none},
      {"my own room", personal, "user:42", {"42"}, false, errc::none},
      {"not somebody else's", personal, "user:42", {"4"}, false, denied},
      {"nor by caps", personal, "user:42", {"43", &chat_caps}, false, denied},
      {"nor an empty name", personal, "user:", {""}, false, denied},
      {"a token lets a guest in", personal, "user:42", {"43"}, true, errc::none},
      {"named first", limited, "dialog#42,43", {"42"}, false, errc::none},
      {"named last", limited, "dialog#42,43", {"43"}, false, errc::none},
      {"not named", limited, "dialog#42,43", {"4"}, false, denied},
      {"nobody is named", limited, "dialog#", {""}, false, denied},
      {"no boundary, ordinary rules", limited, "dialog", {"4"}, false, errc::none},
      {"boundary off by default", open_to_clients, "dialog#42", {"4"}, false, errc::none},
  };
  for (const auto& r : table) {
    CAPTURE(r.why);
    CHECK(may_subscribe(r.options, r.channel, r.who, r.token) == r.answer);
  }
}

TEST_CASE("channel_rules: publishing asks for client, subscriber and anonymous options") {
  const auto for_client = make([](auto& o) { o.allow_publish_for_client = true; });
  const auto for_subscriber = make([](auto& o) { o.allow_publish_for_subscriber = true; });
  const auto for_anonymous = make([](auto& o) {
    o.allow_publish_for_subscriber = true;
    o.allow_publish_for_anonymous = true;
  });
  struct row {
    const char* why;
    const channel_options& options;
    asker who;
    bool subscribed;
    bool allowed;
  };
  const std::vector<row> table{
      {"closed by default", closed, {"42"}, true, false},
      {"insecure mode", closed, {"", nullptr, true}, false, true},
      {"caps", closed, {"42", &chat_caps}, false, true},
      {"any client", for_client, {"42"}, false, true},
      {"any client but the anonymous", for_client, {""}, true, false},
      {"subscriber outside", for_subscriber, {"42"}, false, false},
      {"subscriber inside", for_subscriber, {"42"}, true, true},
      {"anonymous subscriber, refused", for_subscriber, {""}, true, false},
      {"anonymous subscriber, let in", for_anonymous, {""}, true, true},
      {"anonymous outside", for_anonymous, {""}, false, false},
  };
  for (const auto& r : table) {
    CAPTURE(r.why);
    CHECK((may_publish(r.options, "news", r.who, r.subscribed) == errc::none) == r.allowed);
  }
}

TEST_CASE("channel_rules: what a channel does not have is not available, whoever asks") {
  const asker insecure{"42", &chat_caps, true};
  CHECK(may_history(closed, "news", insecure, true) == errc::not_available);
  CHECK(may_presence(closed, "news", insecure, true) == errc::not_available);
  const auto no_ttl = make([](auto& o) { o.history_size = 10; });
  CHECK(may_history(no_ttl, "news", insecure, true) == errc::not_available);
}

TEST_CASE("channel_rules: history and presence follow their own options") {
  auto options = make([](auto& o) {
    o.presence = true;
    o.history_size = 10;
    o.history_ttl = std::chrono::seconds{60};
  });
  const asker alice{"alice"};
  CHECK(may_history(options, "a", alice, true) == errc::permission_denied);
  CHECK(may_presence(options, "a", alice, true) == errc::permission_denied);
  CHECK(may_history(options, "a", {"", nullptr, true}, false) == errc::none);
  CHECK(may_history(options, "a:log", {"bob", &chat_caps}, false) == errc::none);
  CHECK(may_presence(options, "a:log", {"bob", &chat_caps}, false) == errc::permission_denied);
  options.allow_history_for_subscriber = true;
  options.allow_presence_for_client = true;
  CHECK(may_history(options, "a", alice, false) == errc::permission_denied);
  CHECK(may_history(options, "a", alice, true) == errc::none);
  CHECK(may_presence(options, "a", alice, false) == errc::none);
}

TEST_CASE("channel_rules: a personal room is read by its user and by subscribed guests only") {
  auto options = personal;
  options.history_size = 10;
  options.history_ttl = std::chrono::seconds{60};
  options.allow_history_for_client = true;
  CHECK(may_history(options, "user:42", {"42"}, false) == errc::none);
  CHECK(may_history(options, "user:42", {"43", &chat_caps}, false) == errc::permission_denied);
  CHECK(may_history(options, "user:42", {"43"}, true) == errc::permission_denied);
  options.allow_history_for_subscriber = true;
  CHECK(may_history(options, "user:42", {"43"}, true) == errc::none);
}

TEST_CASE("channel_rules: patterns are literal but for `*`") {
  struct row {
    const char* pattern;
    const char* text;
    bool match;
  };
  for (const auto& r : std::vector<row>{{"a", "a", true},
                                        {"a", "ab", false},
                                        {"", "", true},
                                        {"", "a", false},
                                        {"*", "", true},
                                        {"*", "anything", true},
                                        {"chat:*", "chat:", true},
                                        {"chat:*", "chat:a:b", true},
                                        {"chat:*", "chat", false},
                                        {"*:log", "a:log", true},
                                        {"*:log", "a:logs", false},
                                        {"a*b*c", "axxbxxbxc", true},
                                        {"a*b*c", "axxbxx", false},
                                        {"a**", "a", true},
                                        {"?", "a", false}}) {
    CAPTURE(r.pattern);
    CAPTURE(r.text);
    CHECK(matches(r.pattern, r.text) == r.match);
  }
}

TEST_CASE("channel_rules: rights have long and short names") {
  CHECK(parse_right("subscribe") == parse_right("sub"));
  CHECK((parse_right("pub") | parse_right("prs") | parse_right("hst") | parse_right("sub"))
        == all_rights);
  CHECK(parse_right("*") == all_rights);
  CHECK(parse_right("admin") == 0);
}

TEST_CASE("namespaces: the boundary picks the options, an unknown namespace has none") {
  namespaces spaces{open_to_all};
  REQUIRE(spaces.add("chat", closed));
  CHECK_FALSE(spaces.add("chat", closed));
  CHECK_FALSE(spaces.add("a:b", closed));
  CHECK_FALSE(spaces.add("", closed));
  CHECK(spaces.resolve("lobby")->allow_subscribe_for_client);
  CHECK_FALSE(spaces.resolve("chat:lobby")->allow_subscribe_for_client);
  CHECK(spaces.resolve("$chat:lobby") == spaces.resolve("chat:lobby"));
  CHECK(spaces.resolve("chat:a:b") == spaces.resolve("chat:lobby"));
  CHECK(spaces.resolve("game:1") == nullptr);
  CHECK(spaces.resolve(":x") == spaces.resolve("lobby"));
}

TEST_CASE("namespaces: personal rooms need no namespace, and take its options if there is one") {
  namespaces plain;
  CHECK(personal_room_owner(*plain.resolve("user:42"), "user:42") == "42");
  CHECK_FALSE(plain.resolve("user:42")->presence);
  CHECK(personal_room_owner(*plain.resolve("lobby"), "lobby") == "");
  namespaces with;
  REQUIRE(with.add("user", make([](auto& o) { o.presence = true; })));
  CHECK(with.resolve("user:42")->presence);
  CHECK(personal_room_owner(*with.resolve("user:42"), "user:42") == "42");
  namespaces none{{}, ""};
  CHECK(none.resolve("user:42") == nullptr);
}

TEST_CASE("namespaces: channel names are 1 to 255 bytes of printable ASCII") {
  const namespaces spaces;
  CHECK(spaces.valid_channel("chat:index#42"));
  CHECK(spaces.valid_channel(std::string(255, 'a')));
  CHECK_FALSE(spaces.valid_channel(std::string(256, 'a')));
  CHECK_FALSE(spaces.valid_channel(""));
  CHECK_FALSE(spaces.valid_channel("a b"));
  CHECK_FALSE(spaces.valid_channel("a\n"));
  CHECK_FALSE(spaces.valid_channel("caf\xc3\xa9"));
}
