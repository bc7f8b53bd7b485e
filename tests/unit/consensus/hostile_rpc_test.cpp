// Bytes that no honest voter sends.
#include "runtime/consensus/memory_store.hpp"
#include "runtime/consensus/raft_node.hpp"
#include "runtime/consensus/rpc_gate.hpp"
#include "runtime/consensus/voter_list.hpp"
#include "runtime/wire/consensus_rpc.hpp"
#include "tests/unit/consensus/raft_fleet.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace argosy::consensus;
namespace wire = argosy::wire;

namespace {

const std::string voters = "the voters";

/// Entries 1 (the voters), 2 and 3 of terms 1, 2, 4; the first two are committed.
stored_state log_of_three() {
  stored_state out;
  out.set_term(5);
  out.append({{1, entry_kind::configuration, voters},
              {2, entry_kind::command, "x"},
              {4, entry_kind::command, "y"}});
  return out;
}

bool passes(const wire::consensus_rpc& rpc, bool leads = false) {
  const auto state = log_of_three();
  return plausible(rpc, {state, voters, 2, leads});
}

wire::append_entries entries(std::uint64_t term, std::uint64_t prev_index, std::uint64_t prev_term,
                             std::vector<wire::entry_view> list = {}) {
  return {term, prev_index, prev_term, 0, 1, std::move(list)};
}

constexpr std::uint64_t huge = ~0ULL;

} // namespace

TEST_CASE("rpc_gate: what could be true passes") {
  CHECK(passes(entries(5, 3, 4)));
  CHECK(passes(entries(5, 3, 4, {{5, entry_kind::barrier, ""}, {5, entry_kind::command, "z"}})));
  CHECK(passes(entries(5, 2, 2, {{5, entry_kind::command, "other"}}))); // entry 3 is not committed
  CHECK(passes(entries(5, 0, 0, {{1, entry_kind::configuration, voters}})));
  CHECK(passes(entries(3, 2, 1))); // a late message of a lost leader
  CHECK(passes(wire::request_vote{6, 3, 4, false, true}));
  CHECK(passes(wire::install_snapshot{5, 9, 5, voters, 1, "state", 1}));
}

TEST_CASE("rpc_gate: what cannot be true is refused") {
  CHECK_FALSE(passes(entries(0, 3, 4)));
  CHECK_FALSE(passes(entries(5, 3, 6))); // from the future
  CHECK_FALSE(passes(entries(5, 0, 1)));
  CHECK_FALSE(passes(entries(5, 3, 0)));
  CHECK_FALSE(passes(entries(5, 2, 1)));                                  // committed otherwise
  CHECK_FALSE(passes(entries(5, 1, 1, {{3, entry_kind::command, "z"}}))); // the same
  CHECK_FALSE(passes(entries(5, huge, 4)));
  CHECK_FALSE(passes(entries(5, 3, 4, {{6, entry_kind::command, "z"}})));
  CHECK_FALSE(passes(entries(5, 3, 4, {{3, entry_kind::command, "z"}}))); // terms never fall
  CHECK_FALSE(passes(entries(5, 3, 4, {{5, entry_kind::command, ""}})));
  CHECK_FALSE(passes(entries(5, 3, 4, {{5, entry_kind::barrier, "z"}})));
  CHECK_FALSE(passes(entries(5, 3, 4, {{5, entry_kind::configuration, voters}})));
  CHECK_FALSE(passes(entries(5, 0, 0, {{1, entry_kind::configuration, "others"}})));
  CHECK_FALSE(passes(wire::request_vote{0, 3, 4, false, false}));
  CHECK_FALSE(passes(wire::request_vote{4, 3, 5, false, false}));
  CHECK_FALSE(passes(wire::request_vote{huge, 3, 4, false, false}));
  CHECK_FALSE(passes(wire::request_vote_result{huge, true, false, 1}));
  CHECK_FALSE(passes(wire::request_vote_result{1, true, false, huge}));
  CHECK_FALSE(passes(wire::append_entries_result{5, huge, 1, 1, 1}));
  CHECK_FALSE(passes(wire::install_snapshot{5, 9, 5, "others", 1, "state", 1}));
  CHECK_FALSE(passes(wire::install_snapshot{5, 9, 6, voters, 1, "state", 1}));
  CHECK_FALSE(passes(wire::install_snapshot{5, 9, 5, voters, 10, "state", 1}));
  CHECK_FALSE(
      passes(wire::install_snapshot{5, 2, 1, voters, 1, "state", 1})); // committed otherwise
  CHECK_FALSE(passes(wire::timeout_now{0, 1, 1}));
}

TEST_CASE("rpc_gate: a leader knows that there is no other in its term") {
  CHECK_FALSE(passes(entries(5, 3, 4), true));
  CHECK_FALSE(passes(wire::install_snapshot{5, 9, 5, voters, 1, "state", 1}, true));
  CHECK(passes(entries(6, 3, 4), true));
}

TEST_CASE("consensus_rpc: every message comes back as it went") {
  const std::vector<wire::consensus_rpc> all{
      wire::request_vote{7, 8, 6, true, false},
      wire::request_vote_result{7, true, true, 9, 250},
      wire::append_entries{
          7, 3, 2, 1, 44, {{7, entry_kind::command, "view"}, {7, entry_kind::barrier, ""}}},
      wire::append_entries_result{7, 0, 8, 44, 7},
      wire::install_snapshot{7, 8, 6, "voters", 1, "state", 45},
      wire::timeout_now{7, 8, 6},
  };
  for (const auto& rpc : all) {
    const auto bytes = wire::write_consensus_rpc(rpc);
    const auto read = wire::read_consensus_rpc(bytes);
    REQUIRE(read);
    CHECK(*read == rpc);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(wire::read_consensus_rpc(bytes.substr(0, size)));
    CHECK_FALSE(wire::read_consensus_rpc(bytes + bytes));
  }
}

TEST_CASE("consensus_rpc: more than 256 entries or 1 MiB are refused") {
  wire::append_entries many{1, 1, 1, 1, 1, {}};
  many.entries.resize(wire::consensus_entries_max, {1, entry_kind::command, "x"});
  CHECK(wire::read_consensus_rpc(wire::write_consensus_rpc(many)));
  many.entries.push_back({1, entry_kind::command, "x"});
  CHECK_FALSE(wire::read_consensus_rpc(wire::write_consensus_rpc(many)));
  const std::string big(wire::consensus_rpc_bytes_max, 'x');
  CHECK_FALSE(wire::read_consensus_rpc(
      wire::write_consensus_rpc(wire::install_snapshot{1, 1, 1, "v", 1, big, 1})));
}

TEST_CASE("raft_node: strangers, itself and noise are refused and counted") {
  memory_store store;
  raft_node node{{}, 1, {{1, "a"}, {2, "b"}, {3, "c"}}, store, 7, [](auto&, auto) {}};
  REQUIRE(node.start(raft_node::time_point{1000s}).empty());
  const raft_node::time_point now{1001s};
  const auto honest = wire::write_consensus_rpc(wire::append_entries{2, 1, 1, 0, 1, {}});
  CHECK_FALSE(node.receive(now, 4, honest));
  CHECK_FALSE(node.receive(now, 0, honest));
  CHECK_FALSE(node.receive(now, 1, honest));
  CHECK_FALSE(node.receive(now, 2, ""));
  CHECK_FALSE(node.receive(now, 2, std::string(4096, '\xff')));
  CHECK(node.counters().refused == 5);
  CHECK(node.term() == 1);
  CHECK(node.receive(now, 2, honest));
  CHECK(node.term() == 2);
}

TEST_CASE("raft_node: mangled messages of a live fleet neither break nor silence a voter") {
  std::mt19937_64 dice{4711};
  std::uint64_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    test::raft_fleet fleet{seed, 3, {}, {}};
    fleet.mangle(0.15, dice());
    fleet.run(10s, false);
    for (std::size_t i = 0; i < fleet.size(); ++i) {
      // A lie that could be true is believed, so what is agreed may be nonsense; but nobody dies.
      CHECK(fleet.node(i)->failure().empty());
      refused += fleet.node(i)->counters().refused;
    }
  }
  CHECK(refused > 300);
}
