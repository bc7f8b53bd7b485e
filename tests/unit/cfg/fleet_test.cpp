// What the cluster.* keys say together: seeds, places, agreement.
#include "runtime/config/check.hpp"
#include "runtime/config/fleet.hpp"
#include "runtime/config/load.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace argosy;

namespace {

node_config three(const std::string& more = {}) {
  return config::parse("[cluster]\nseeds = [\"a=10.0.0.1:7100\", \"b=10.0.0.2:7200\", "
                       "\"c=c.example.org:7300\"]\ninsecure = true\n"
                           + more,
                       "test.toml", {})
      .config;
}

std::string problems(const std::string& cluster) {
  std::string out;
  for (const auto& s : config::parse("[cluster]\n" + cluster, "test.toml", {}).problems)
    (out += s) += '\n';
  return out;
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("seeds: name=host:port, and nothing else") {
  config::seed_entry s;
  REQUIRE(config::parse_seed("a=10.0.0.1:7100", s));
  CHECK(s.name == "a");
  CHECK(s.address() == "10.0.0.1:7100");
  REQUIRE(config::parse_seed("b=[::1]:7100", s));
  CHECK(s.host == "[::1]");
  for (const auto* bad : {"", "a", "a=", "a=h", "=h:1", "a=:1", "a=h:", "a=h:0", "a=h:70000",
                          "a=h:1x", "a=h:-1", "a:1=h"})
    CHECK_FALSE_MESSAGE(config::parse_seed(bad, s), bad);
}

TEST_CASE("place: a seed listens where the seeds say, if that is its address to listen on") {
  const auto c = three();
  CHECK(config::place_in_cluster(c, "b").listen_address == "10.0.0.2");
  CHECK(config::place_in_cluster(c, "b").listen_port == 7200);
  CHECK(config::place_in_cluster(c, "b").advertised == "10.0.0.2:7200");
  CHECK(config::place_in_cluster(c, "c").listen_address == "0.0.0.0");
  CHECK(config::place_in_cluster(c, "c").advertised == "c.example.org:7300");
}

TEST_CASE("place: any other node says itself where it is, or is asked to") {
  CHECK(config::place_in_cluster(three(), "d").advertised == "127.0.0.1:7100");
  const auto moved = three("address = \"10.0.0.9\"\nport = 7900\n");
  CHECK(config::place_in_cluster(moved, "d").advertised == "10.0.0.9:7900");
  const auto hidden = three("address = \"0.0.0.0\"\n");
  CHECK(says(config::place_in_cluster(hidden, "d").problem, "`cluster.advertise`"));
  const auto told = three("address = \"0.0.0.0\"\nadvertise = \"d.example.org:7100\"\n");
  CHECK(config::place_in_cluster(told, "d").problem == "");
  CHECK(config::place_in_cluster(told, "d").advertised == "d.example.org:7100");
}

TEST_CASE("check: what no cluster can be made of is said in one sentence") {
  CHECK(problems("seeds = [\"a=h:1\"]\ninsecure = true\n") == "");
  CHECK(says(problems("seeds = [\"a=h\"]\ninsecure = true\n"), "not name=host:port"));
  CHECK(says(problems("seeds = [\"a b=h:1\"]\ninsecure = true\n"), "not name=host:port"));
  CHECK(says(problems("seeds = [\"a=h:1\", \"b=h:2\"]\ninsecure = true\n"), "names 2 nodes"));
  CHECK(says(problems("seeds = [\"a=h:1\", \"a=h:2\", \"c=h:3\"]\ninsecure = true\n"),
             "there already"));
  CHECK(says(problems("seeds = [\"a=h:1\", \"b=h:1\", \"c=h:3\"]\ninsecure = true\n"),
             "there already"));
  CHECK(says(problems("seeds = [\"a=h:1\"]\n"), "`cluster.ca_file` is empty"));
  CHECK(says(problems("seeds = [\"a=h:1\"]\nname = \"\"\ninsecure = true\n"), "`cluster.name`"));
  CHECK(says(problems("seeds = [\"a=h:1\"]\ndata_dir = \"\"\ninsecure = true\n"),
             "`cluster.data_dir`"));
  CHECK(says(problems("seeds = [\"a=h:1\"]\nadvertise = \"h\"\ninsecure = true\n"),
             "`cluster.advertise`"));
  CHECK(problems("") == "");
}

TEST_CASE("check: one seed is allowed, and the risk is said") {
  const auto c = config::parse("[cluster]\nseeds = [\"a=h:1\"]\ninsecure = true\n", "t", {}).config;
  bool said = false;
  for (const auto& w : config::warnings(c))
    said |= says(w, "cluster.seeds names one node");
  CHECK(said);
}

TEST_CASE("agreement: changes with what nodes must have alike, and with nothing else") {
  const auto same = config::agreement(three());
  CHECK(config::agreement(three("weight = 7\n[http]\nport = 9\n[log]\nlevel = \"warn\"\n"))
        == same);
  CHECK(config::agreement(three("[client]\nconnections_per_user_max = 3\n")) != same);
  CHECK(config::agreement(three("[channel]\nhistory_size = 3\nhistory_ttl_ms = 9\n")) != same);
  const std::string chat = "[[namespace]]\nname = \"chat\"\npresence = true\n";
  const std::string game = "[[namespace]]\nname = \"game\"\n";
  CHECK(config::agreement(three(chat)) != same);
  CHECK(config::agreement(three(chat + game)) == config::agreement(three(game + chat)));
}
