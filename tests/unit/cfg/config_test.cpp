#include "runtime/config/check.hpp"
#include "runtime/config/dump.hpp"
#include "runtime/config/key.hpp"
#include "runtime/config/load.hpp"
#include "runtime/config/suggest.hpp"
#include "runtime/config/value.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace argosy;

namespace {

const std::string configs = ARGOSY_SOURCE_DIR "/configs/";

std::string text_of_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string out;
  for (const auto& s : sentences)
    (out += s) += '\n';
  return out;
}

node_config good(std::string_view text, const std::vector<std::string>& overrides = {}) {
  auto got = config::parse(text, "test.toml", overrides);
  CHECK_MESSAGE(got.problems.empty(), joined(got.problems));
  return std::move(got.config);
}

std::string problems(std::string_view text, const std::vector<std::string>& overrides = {}) {
  return joined(config::parse(text, "test.toml", overrides).problems);
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("config: an empty file is the defaults") {
  CHECK(config::dump(good("")) == config::dump(node_config{}));
  CHECK(good("").http.port == 8000);
}

TEST_CASE("config: values of all types arrive") {
  const auto c = good(R"(
[http]
address = "0.0.0.0"
port = 9000
[net]
io_uring = "off"
compression = true
[client]
ping_interval_ms = 30000
[api]
keys = ["one", "two"]
[channel]
presence = true
[[namespace]]
name = "chat"
history_size = 10
history_ttl_ms = 60000
)");
  CHECK(c.http.address == "0.0.0.0");
  CHECK(c.http.port == 9000);
  CHECK(c.net.io_uring == "off");
  CHECK(c.net.compression);
  CHECK(c.client.ping_interval == std::chrono::seconds{30});
  CHECK(c.api.keys == std::vector<std::string>{"one", "two"});
  CHECK(c.channel.presence);
  REQUIRE(c.namespaces.size() == 1);
  CHECK(c.namespaces[0].options.history_size == 10);
  CHECK(c.namespaces[0].options.history_ttl == std::chrono::minutes{1});
}

TEST_CASE("config: a wrong value is one sentence with file, line, key, value and remedy") {
  struct row {
    const char* text;
    const char* sentence;
  };
  const std::vector<row> table{
      {"[http]\nport = 70000",
       "test.toml:2: `http.port` is 70000, but must be a whole number from 0 to 65535; the default "
       "is 8000.\n"},
      {"[http]\nport = -1", "`http.port` is -1, but must be"},
      {"[http]\nport = \"80\"", "`http.port` is \"80\", but must be a whole number"},
      {"[http]\nport = 80.5", "`http.port` is 80.5, but must be a whole number"},
      {"[http]\nport = 1979-05-27", "`http.port` is 1979-05-27, but must be"},
      {"[net]\ncompression = 1", "`net.compression` is 1, but must be true or false"},
      {"[net]\nio_uring = \"on\"",
       "`net.io_uring` is \"on\", but must be \"auto\" or \"off\"; the default is \"auto\"."},
      {"[log]\nlevel = 3", "must be \"debug\", \"info\", \"warn\" or \"error\""},
      {"[api]\nkeys = \"k1\"", "`api.keys` is set, but must be a list of strings"},
      {"[auth]\nallowed_origins = [1]", "`auth.allowed_origins` is [ 1 ], but must be a list"},
      {"[net.loops]\nx = 1", "`net.loops` is a table, but must be a whole number"},
      {"net = 3", "test.toml:1: `net` is 3, but must be a table; write [net] on a line above"},
      {"[net]\nlops = 3", "test.toml:2: `net.lops` is not a key; did you mean `net.loops`?\n"},
      {"[nte]\nloops = 3", "test.toml:1: `nte` is not a key; did you mean `net`?"},
      {"[client]\nwhatever_that_is = 3", "is not a key; argosy node --dump-config lists all keys."},
      {"[channel]\npresense = true", "`channel.presense` is not a key; did you mean `presence`?"},
      {"[[namespace]]\nname = \"a\"\nhistory_siz = 1",
       "test.toml:3: `namespace.a.history_siz` is not a key; did you mean `history_size`?"},
      {"[[namespace]]\npresence = true", "test.toml:1: a [[namespace]] has no name; write name ="},
      {"[[namespace]]\nname = 1", "a [[namespace]] has no name"},
      {"[namespace]\nname = \"a\"", "`namespace` must be a list of tables; write [[namespace]]"},
      {"namespace = []", "`namespace` must be a list of tables"},
      {"[http\n", "test.toml:1: not TOML: "},
      {"a = 1\na = 2\n", "test.toml:2: not TOML: "},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    const auto got = problems(r.text);
    CHECK_MESSAGE(says(got, r.sentence), got);
  }
}

TEST_CASE("config: two values that contradict each other are a problem") {
  struct row {
    const char* text;
    const char* sentence;
  };
  const std::vector<row> table{
      {"[http]\naddress = \"localhost\"", "`http.address` is \"localhost\", which is not an IP"},
      {"[tls]\nenabled = true", "`tls.enabled` is true, but `tls.cert_file` is empty"},
      {"[tls]\nenabled = true\ncert_file = \"c\"\nkey_file = \"k\"\nport = 8000",
       "`tls.port` is 8000, which `http.port` already listens on"},
      {"[client]\nping_interval_ms = 5000", "`client.pong_timeout_ms` is 8000, but must be less"},
      {"[client]\npersonal_room_prefix = \"\"", "would make every channel personal"},
      {"[net]\noutbound_bytes_max = 5000", "must not be less than `net.message_bytes_max`"},
      {"[auth]\njwks_url = \"keys.example.com\"", "must start with https:// or http://"},
      {"[auth]\nallowed_origins = [\"https://a.b/\"]", "which is not an origin"},
      {"[http]\nproxy_trusted = [\"10.0.0.0/33\"]",
       "`http.proxy_trusted` has \"10.0.0.0/33\", which is neither an IP address nor a range"},
      {"[http]\npage_nodes = [\"127.0.0.1:8001\"]",
       "`http.page_nodes` has \"127.0.0.1:8001\", which is not the address of a node"},
      {"[http]\npage_nodes = [\"http://a:1/\"]", "write scheme, host and port without a path"},
      {"[http]\npage_nodes = [\"http://a; img-src *\"]", "which is not the address of a node"},
      {"[channel]\nhistory_size = 3",
       "`channel.history_size` is 3 and `channel.history_ttl_ms` is"},
      {"[channel]\nforce_recovery = true", "`channel.force_recovery` is true, but there is no"},
      {"[channel]\nforce_positioning = true", "`channel.force_positioning` is true, but"},
      {"[channel]\nforce_push_join_leave = true", "but `channel.join_leave` is false"},
      {"[[namespace]]\nname = \"a\"\nhistory_ttl_ms = 3", "`namespace.a.history_size` is 0 and"},
      {"[[namespace]]\nname = \"a\"\n[[namespace]]\nname = \"a\"", "\"a\" is there twice"},
      {"[[namespace]]\nname = \"a:b\"", "must be 1 to 64 letters, digits"},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    const auto got = problems(r.text);
    CHECK_MESSAGE(says(got, r.sentence), got);
    CHECK(says(got, "test.toml: "));
  }
}

TEST_CASE("config: all problems are told at once") {
  const auto got = config::parse("[net]\nlops = 1\n[http]\nport = -1\naddress = \"x\"", "f");
  CHECK(got.problems.size() == 3);
}

TEST_CASE("config: overrides come last, and strings and lists need no quotes") {
  const auto c = good("[http]\nport = 1\n",
                      {"http.port=0", "http.address=0.0.0.0", "api.keys=a,b",
                       "net.io_uring=\"off\"", "auth.allowed_origins=[\"*\"]",
                       "auth.hmac_secret=a=b", "net.echo=true", "channel.presence=true",
                       "namespace.chat.history_size=5", "namespace.chat.history_ttl_ms=1000"});
  CHECK(c.http.port == 0);
  CHECK(c.http.address == "0.0.0.0");
  CHECK(c.api.keys == std::vector<std::string>{"a", "b"});
  CHECK(c.net.io_uring == "off");
  CHECK(c.auth.allowed_origins == std::vector<std::string>{"*"});
  CHECK(c.auth.hmac_secret == "a=b");
  CHECK(c.net.echo);
  CHECK(c.channel.presence);
  REQUIRE(c.namespaces.size() == 1);
  CHECK(c.namespaces[0].options.history_size == 5);
}

TEST_CASE("config: a bad override names itself") {
  struct row {
    const char* text;
    const char* sentence;
  };
  for (const auto& r : std::vector<row>{
           {"http.prt=1", "--set http.prt: `http.prt` is not a key; did you mean `http.port`?"},
           {"http.port=x", "--set http.port: `http.port` is \"x\", but must be a whole number"},
           {"http.port=", "`http.port` is \"\", but must be"},
           {"http.port=1\nx=2", "`http.port` is \"1\\u000Ax=2\", but must be"},
           {"http.port", "--set http.port: there is no value; write --set key=value"},
           {"", "there is no value"},
           {"namespace.presence=true", "write namespace.NAME.OPTION=value"},
           {"namespace.a.presense=true", "did you mean `presence`?"}}) {
    CAPTURE(r.text);
    const auto got = problems("", {r.text});
    CHECK_MESSAGE(says(got, r.sentence), got);
  }
}

TEST_CASE("config: a file that is not there is a sentence") {
  const auto got = config::load("/nonexistent/node.toml", {});
  REQUIRE(got.problems.size() == 1);
  CHECK(says(got.problems[0], "/nonexistent/node.toml: the file cannot be read; check its name"));
  CHECK(config::load("", {}).problems.empty());
}

TEST_CASE("config: a dump reads back as the same configuration") {
  const auto c =
      good("", {"http.port=1", "node.name=tab\there \"quoted\" \\", "net.compression=true",
                "auth.allowed_origins=*,https://a.b", "channel.presence=true",
                "namespace.chat.history_size=5", "namespace.chat.history_ttl_ms=1000"});
  const auto text = config::dump(c);
  CHECK(config::dump(good(text)) == text);
}

TEST_CASE("config: a dump never shows a secret") {
  const auto c = good("", {"auth.hmac_secret=hush", "api.keys=hush,hush2"});
  const auto text = config::dump(c);
  CHECK_FALSE(says(text, "hush"));
  CHECK(says(text, "# hmac_secret is set, and not shown"));
  CHECK(good(text).auth.hmac_secret.empty());
}

TEST_CASE("config: the table of keys is in order: unique names, known sections, whole meanings") {
  std::set<std::string_view> seen;
  std::set<std::string_view> known;
  for (const auto& s : config::sections())
    CHECK(known.insert(s.name).second);
  node_config c;
  for (const auto& k : config::node_keys()) {
    CAPTURE(k.name);
    CHECK(seen.insert(k.name).second);
    CHECK(known.contains(config::section_of(k.name)));
    CHECK(k.meaning.ends_with('.'));
    CHECK(config::assign(k.slot(c), k.takes, config::read(k.slot(c))) == "");
    CHECK(k.name.ends_with("_ms") == std::holds_alternative<milliseconds*>(k.slot(c)));
  }
  for (const auto& k : config::channel_keys()) {
    CAPTURE(k.name);
    CHECK(seen.insert(k.name).second);
    CHECK(k.meaning.ends_with('.'));
    CHECK(config::assign(k.slot(c.channel), k.takes, config::read(k.slot(c.channel))) == "");
    CHECK(k.name.ends_with("_ms") == std::holds_alternative<milliseconds*>(k.slot(c.channel)));
  }
}

TEST_CASE("configs/node.toml: is what --dump-config prints for the defaults") {
  CHECK_MESSAGE(text_of_file(configs + "node.toml") == config::dump(node_config{}),
                "renew it: argosy node --dump-config > configs/node.toml");
  CHECK(config::load(configs + "node.toml", {}).problems.empty());
}

TEST_CASE("configs: every file we ship is free of problems") {
  for (const auto* name : {"node.toml", "insecure.toml", "demo.toml", "centrifuge-suite.toml",
                           "cluster/three-nodes.toml", "cluster/five-nodes.toml"})
    CHECK_MESSAGE(config::load(configs + name, {}).problems.empty(),
                  joined(config::load(configs + name, {}).problems));
}

TEST_CASE("configs/insecure.toml: keeps history and presence in history: only, on 127.0.0.1:8000") {
  const auto c = config::load(configs + "insecure.toml", {}).config;
  const auto spaces = make_namespaces(c);
  CHECK(c.http.address == "127.0.0.1");
  CHECK(c.http.port == 8000);
  CHECK(c.auth.insecure);
  CHECK_FALSE(spaces->resolve("a")->keeps_history());
  CHECK_FALSE(spaces->resolve("a")->presence);
  CHECK(spaces->resolve("history:a")->keeps_history());
  CHECK(spaces->resolve("history:a")->presence);
}

TEST_CASE("configs/centrifuge-suite.toml: is what the SDK's own suite expects") {
  const auto c = config::load(configs + "centrifuge-suite.toml", {}).config;
  const auto spaces = make_namespaces(c);
  CHECK(c.http.port == 8000);
  CHECK(c.api.keys == std::vector<std::string>{"test-api-key"});
  CHECK(c.auth.hmac_secret == "secret");
  const auto& plain = *spaces->resolve("test");
  CHECK(plain.presence);
  CHECK(plain.history_size == 100);
  CHECK(plain.history_ttl == std::chrono::seconds{300});
  CHECK(plain.force_recovery);
  CHECK(spaces->resolve("recovery:x") != nullptr);
  CHECK(spaces->resolve("smallhistory:x")->history_size == 2);
}

TEST_CASE("config: what is legal but dangerous is said aloud") {
  CHECK(says(joined(config::warnings(good("", {"auth.insecure=true"}))), "INSECURE: clients"));
  CHECK(
      says(joined(config::warnings(good("", {"api.insecure=true"}))), "INSECURE: the server API"));
  CHECK(says(joined(config::warnings(good(""))), "No client can connect"));
  CHECK(says(joined(config::warnings(good("", {"auth.hmac_secret=secret"}))), "shorter than 32"));
  CHECK(config::warnings(good("", {"auth.hmac_secret=0123456789abcdef0123456789abcdef"})).empty());
  const auto proxies_said = [](const std::string& trusted) {
    return says(joined(config::warnings(good("", {"http.proxy_trusted=" + trusted}))),
                "http.proxy_trusted holds all addresses");
  };
  CHECK(proxies_said("10.0.0.1,0.0.0.0/0"));
  CHECK(proxies_said("::/0"));
  CHECK_FALSE(proxies_said("10.0.0.0/8,::/1,::ffff:0:0/97"));
}

TEST_CASE("config: options of rooms carry what is decided for all rooms") {
  const auto spaces =
      make_namespaces(good("", {"rooms.passivate_ms=5000", "namespace.chat.presence=true",
                                "client.channel_bytes_max=4"}));
  CHECK(spaces->resolve("a")->passivate_after == std::chrono::seconds{5});
  CHECK(spaces->resolve("chat:a")->passivate_after == std::chrono::seconds{5});
  CHECK(spaces->resolve("user:1")->passivate_after == std::chrono::seconds{5});
  CHECK_FALSE(spaces->valid_channel("abcde"));
  CHECK(make_namespaces(good("", {"client.personal_rooms=false"}))->resolve("user:1") == nullptr);
}

TEST_CASE("suggest: the nearest name within a third of the typo") {
  const std::vector<std::string_view> names{"net.loops", "net.backlog", "http.port"};
  CHECK(config::nearest("net.lopos", names) == "net.loops");
  CHECK(config::nearest("nte.loops", names) == "net.loops");
  CHECK(config::nearest("http.prt", names) == "http.port");
  CHECK(config::nearest("something.else", names) == "");
  CHECK(config::nearest("", names) == "");
}
