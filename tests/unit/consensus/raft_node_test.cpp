// One voter, spoken to by hand: what it answers, what it refuses, and where libraft needs help.
#include "runtime/consensus/memory_store.hpp"
#include "runtime/consensus/raft_node.hpp"
#include "runtime/consensus/voter_list.hpp"
#include "runtime/wire/consensus_rpc.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace argosy::consensus;
namespace wire = argosy::wire;

namespace {

using time_point = raft_node::time_point;

const std::vector<voter> three{{1, "a"}, {2, "b"}, {3, "c"}};
const std::vector<voter> lone{{1, "a"}};
constexpr time_point start_time{1000s};

void append_letter(std::string& state, std::string_view command) {
  state.append(command);
}

stored_entry command_of(std::uint64_t term, std::string data) {
  return {term, entry_kind::command, std::move(data)};
}

/// A voter with the store it had before: a log of these entries after the list of voters.
struct seat {
  explicit seat(std::uint64_t term, std::vector<stored_entry> log = {},
                std::vector<voter> voters = three)
      : node({}, 1, voters, store, 7, append_letter) {
    if (term > 0) {
      CHECK(store.bootstrap({1, entry_kind::configuration, voter_list{voters}.bytes()}).empty());
      CHECK(store.set_term(term).empty());
      CHECK(store.append(std::move(log)).empty());
    }
    problem = node.start(now);
  }

  bool hear(std::uint64_t from, const wire::consensus_rpc& rpc) {
    return node.receive(now, from, wire::write_consensus_rpc(rpc));
  }

  /// What it sent of that kind since it was last asked, without the rest.
  template <class Rpc>
  std::vector<Rpc> said() {
    std::vector<Rpc> out;
    for (const auto& letter : node.take_outgoing()) {
      const auto rpc = wire::read_consensus_rpc(letter.bytes);
      if (const auto* wanted = rpc ? std::get_if<Rpc>(&*rpc) : nullptr)
        out.push_back(*wanted);
    }
    return out;
  }

  void wait(std::chrono::milliseconds time) {
    for (const auto end = now + time; now < end; now += 50ms)
      node.tick(now);
  }

  /// Wins an election with the vote of voter 2, whose answers `complete` has a hand in.
  template <class Complete>
  void lead(Complete&& complete) {
    wait(3100ms);
    for (int ballot = 0; ballot < 2; ++ballot) {
      const auto requests = said<wire::request_vote>();
      REQUIRE(!requests.empty());
      wire::request_vote_result answer{requests.back().term, true, requests.back().pre_vote,
                                       requests.back().term};
      complete(answer);
      hear(2, answer);
    }
    REQUIRE(node.role() == raft_role::leader);
  }
  void lead() {
    lead([](auto&) {});
  }

  memory_store store;
  raft_node node;
  time_point now = start_time;
  std::string problem;
};

} // namespace

TEST_CASE("raft_node: a lone voter leads at once and commits what it proposes") {
  seat a{0, {}, lone};
  REQUIRE(a.problem.empty());
  CHECK(a.node.role() == raft_role::leader);
  CHECK(a.node.leader() == 1);
  CHECK(a.node.propose(a.now, "x"));
  CHECK(a.node.propose(a.now, "y"));
  CHECK(a.node.take_committed() == std::vector<std::string>{"x", "y"});
  CHECK(a.node.take_committed().empty());
  CHECK(a.node.state() == "xy");
  CHECK(a.node.last_quorum_contact() == a.now);
  CHECK(a.node.take_outgoing().empty());
}

TEST_CASE("raft_node: a lone voter finds all that it had committed after a restart") {
  memory_store store;
  raft_settings settings;
  settings.snapshot_every = 4;
  settings.snapshot_trailing = 2;
  std::string expected;
  for (int life = 0; life < 5; ++life) {
    raft_node node{settings, 1, lone, store, 7, append_letter};
    REQUIRE(node.start(start_time).empty());
    CHECK(node.state() == expected);
    std::string taken = node.take_restored().value_or("");
    for (int i = 0; i < 7; ++i) {
      expected.push_back(static_cast<char>('a' + i));
      REQUIRE(node.propose(start_time, expected.substr(expected.size() - 1)));
    }
    for (const auto& command : node.take_committed())
      taken += command;
    CHECK(taken == expected);
    store.crash();
  }
  CHECK(store.state().entries.size() < 10);
}

TEST_CASE("raft_node: lists of voters that cannot be are refused with a sentence") {
  const auto refusal = [](std::vector<voter> voters, std::uint64_t self = 1) {
    memory_store store;
    raft_node node{{}, self, std::move(voters), store, 7, append_letter};
    const auto problem = node.start(start_time);
    CHECK(node.role() == raft_role::stopped);
    CHECK_FALSE(node.propose(start_time, "x"));
    return problem;
  };
  CHECK(refusal({}).find("do not include this node") != std::string::npos);
  CHECK(refusal(three, 4).find("do not include this node") != std::string::npos);
  CHECK(refusal({{1, "a"}, {1, "b"}}).find("two voters") != std::string::npos);
  CHECK(refusal({{1, "a"}, {2, "a"}}).find("two voters") != std::string::npos);
  CHECK(refusal({{1, "a"}, {0, "b"}}).find("no number above 0") != std::string::npos);
  CHECK(refusal({{1, "a"}, {2, ""}}).find("no name") != std::string::npos);
}

TEST_CASE("raft_node: a store of other voters is refused, their order does not matter") {
  memory_store store;
  {
    raft_node node{{}, 1, three, store, 7, append_letter};
    REQUIRE(node.start(start_time).empty());
  }
  raft_node shuffled{{}, 1, {{3, "c"}, {1, "a"}, {2, "b"}}, store, 7, append_letter};
  CHECK(shuffled.start(start_time).empty());
  raft_node other{{}, 1, {{1, "a"}, {2, "b"}, {3, "d"}}, store, 7, append_letter};
  CHECK(other.start(start_time).find("other voters") != std::string::npos);
}

TEST_CASE("raft_node: a failed write silences it for good, and a new life goes on") {
  seat a{0, {}, lone};
  a.store.fail_after(0, false);
  CHECK_FALSE(a.node.propose(a.now, "lost"));
  CHECK(a.node.failure().find("told to fail") != std::string::npos);
  CHECK(a.node.role() == raft_role::stopped);
  CHECK(a.node.take_committed().empty());
  CHECK(a.node.state().empty());
  CHECK_FALSE(a.node.last_quorum_contact());
  CHECK_FALSE(a.node.propose(a.now, "x"));
  a.store.crash();
  raft_node again{{}, 1, lone, a.store, 7, append_letter};
  CHECK(again.start(a.now).empty());
  CHECK(again.propose(a.now, "x"));
  CHECK(again.state() == "x");
}

TEST_CASE("raft_node: a vote that is not on the disk is not given") {
  for (std::uint64_t writes = 0; writes < 2; ++writes) { // the term, the vote
    seat a{1};
    a.now += 2s;
    a.store.fail_after(writes, false);
    a.hear(2, wire::request_vote{5, 1, 1, false, false});
    CHECK(a.said<wire::request_vote_result>().empty());
    CHECK_FALSE(a.node.failure().empty());
  }
}

TEST_CASE("raft_node: a proposal needs a leader, one at a time, and a size that fits") {
  seat a{1};
  CHECK_FALSE(a.node.propose(a.now, "x")); // follower
  a.lead();
  CHECK_FALSE(a.node.propose(a.now, "x")); // has not caught up yet
  const auto rounds = a.said<wire::append_entries>();
  REQUIRE(!rounds.empty());
  const auto term = a.node.term();
  a.hear(2, wire::append_entries_result{term, 0, 2, rounds.back().round, term});
  CHECK_FALSE(a.node.propose(a.now, ""));
  CHECK_FALSE(a.node.propose(a.now, std::string(command_bytes_max + 1, 'x')));
  CHECK(a.node.propose(a.now, std::string(command_bytes_max, 'x')));
  CHECK_FALSE(a.node.propose(a.now, "y")); // one is under way
  CHECK(a.node.take_committed().empty());
  a.hear(2, wire::append_entries_result{term, 0, 3, rounds.back().round, term});
  CHECK(a.node.take_committed().size() == 1);
  CHECK(a.node.counters().oversized == 0);
}

// -- how long an earlier leader may have been believed --------------------------------------------

TEST_CASE("raft_node: a voter says how long ago it followed a leader") {
  seat a{1};
  a.hear(2, wire::append_entries{1, 1, 1, 0, 1, {}});
  a.wait(2500ms);
  a.said<wire::request_vote_result>();
  a.hear(3, wire::request_vote{7, 9, 1, false, false});
  const auto votes = a.said<wire::request_vote_result>();
  REQUIRE(votes.size() == 1);
  CHECK(votes[0].granted);
  CHECK(votes[0].since_leader_ms == 2500);
}

TEST_CASE("raft_node: one that has restarted does not remember whom it followed until then") {
  seat a{3};
  a.wait(2500ms);
  a.hear(3, wire::request_vote{7, 9, 3, false, false});
  const auto votes = a.said<wire::request_vote_result>();
  REQUIRE(votes.size() == 1);
  CHECK(votes[0].since_leader_ms == 2500);
}

TEST_CASE("raft_node: a new leader counts from the last word of the old one that any voter took") {
  for (const auto heard_2s_ago : {true, false}) {
    seat a{1};
    a.wait(1000ms);
    a.hear(3, wire::append_entries{1, 1, 1, 0, 1, {}});
    const auto own = a.now;
    a.lead([&](auto& vote) { vote.since_leader_ms = heard_2s_ago ? 2000 : 60'000; });
    CHECK(a.node.predecessors_contact() == (heard_2s_ago ? a.now - 2s : own));
  }
}

TEST_CASE("raft_node: votes of another term and of no ballot say nothing of the last leader") {
  seat a{1};
  a.wait(3100ms);
  a.hear(2, wire::request_vote_result{9, true, false, 9, 0});
  CHECK(a.node.role() != raft_role::leader);
  seat b{1};
  const auto own = b.now;
  b.lead([](auto& vote) { vote.since_leader_ms = vote.pre_vote ? 0 : 60'000; });
  CHECK(b.node.predecessors_contact() == own);
}

// -- where libraft needs help ---------------------------------------------------------------------

TEST_CASE("raft_node: a heartbeat is answered by what it vouches for, not by a longer log") {
  // libraft answers with the end of its log. Here entries 3 and 4 are of a leader that is gone; the
  // new one, once it has written two of its own, would count them as his.
  seat a{2, {command_of(2, "x"), command_of(2, "y"), command_of(2, "z")}};
  CHECK(a.hear(3, wire::append_entries{3, 2, 2, 0, 9, {}}));
  const auto answers = a.said<wire::append_entries_result>();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == wire::append_entries_result{3, 0, 2, 9, 3});
}

TEST_CASE("raft_node: an entry of an older term is not committed by counting") {
  // Raft, figure 3.7: entry 2 is on a majority, and may still be overwritten.
  seat a{2, {command_of(2, "x")}};
  a.lead();
  const auto term = a.node.term();
  const auto rounds = a.said<wire::append_entries>();
  REQUIRE(!rounds.empty());
  CHECK(a.hear(2, wire::append_entries_result{term, 0, 2, rounds.back().round, term}));
  CHECK(a.hear(3, wire::append_entries_result{term, 0, 2, rounds.back().round, term}));
  CHECK(a.node.take_committed().empty());
  CHECK(a.hear(2, wire::append_entries_result{term, 0, 3, rounds.back().round, term}));
  CHECK(a.node.take_committed() == std::vector<std::string>{"x"});
}

TEST_CASE("raft_node: a message that is cut short says no more of the commit than it carries") {
  // libraft has a follower commit up to the end of its log, which behind these entries may hold
  // others.
  const std::string big(500 << 10, 'x');
  seat a{2, {command_of(2, big), command_of(2, big), command_of(2, big)}};
  a.lead();
  const auto term = a.node.term();
  CHECK(a.hear(2, wire::append_entries_result{term, 0, 5, 0, term}));
  CHECK(a.node.commit_index() == 5);
  a.said<wire::append_entries>();
  CHECK(a.hear(3, wire::append_entries_result{term, 4, 1, 0, term}));
  a.wait(300ms); // a voter that is searched for its place gets one message per heartbeat
  auto later = a.node.take_outgoing();
  std::erase_if(later, [](const outgoing_rpc& letter) { return letter.to != 3; });
  REQUIRE(later.size() == 1);
  const auto rpc = wire::read_consensus_rpc(later[0].bytes);
  const auto* part = rpc ? std::get_if<wire::append_entries>(&*rpc) : nullptr;
  REQUIRE(part != nullptr);
  CHECK(part->prev_log_index == 1);
  CHECK(part->entries.size() == 2);
  CHECK(part->leader_commit == 3);
  CHECK(a.node.counters().shortened == 1);
}

TEST_CASE("raft_node: a candidate learns from a refusal that its term is over") {
  // Found by simulation: the only voter with a log worth a vote asked for a term that the others
  // had behind them, libraft refused under the asked term, and there was never a leader again.
  seat a{2, {command_of(2, "x")}};
  a.wait(3100ms);
  const auto requests = a.said<wire::request_vote>();
  REQUIRE(!requests.empty());
  CHECK(requests.back().pre_vote);
  CHECK(requests.back().term == 3);
  CHECK(a.hear(2, wire::request_vote_result{3, false, true, 8}));
  CHECK(a.node.term() == 8);
  CHECK(a.said<wire::request_vote_result>().empty());
  a.wait(3100ms);
  const auto later = a.said<wire::request_vote>();
  REQUIRE(!later.empty());
  CHECK(later.back().term == 9);
}

TEST_CASE("raft_node: a restarted voter gives no vote for an election timeout") {
  seat a{2};
  CHECK(a.hear(2, wire::request_vote{3, 1, 1, false, false}));
  CHECK(a.said<wire::request_vote_result>().empty());
  CHECK(a.node.counters().votes_muted == 1);
  a.now += 1500ms;
  CHECK(a.hear(2, wire::request_vote{3, 1, 1, false, false}));
  const auto votes = a.said<wire::request_vote_result>();
  REQUIRE(votes.size() == 1);
  CHECK(votes[0].granted);
}

TEST_CASE("raft_node: a leader that steps down gives no vote while it was counted on") {
  // Found by simulation: a majority was the leader and one more, a third won the leader's own vote.
  seat a{1};
  a.lead();
  const auto term = a.node.term();
  const auto rounds = a.said<wire::append_entries>();
  REQUIRE(!rounds.empty());
  CHECK(a.hear(2, wire::append_entries_result{term, 0, 2, rounds.back().round, term}));
  const auto contact = a.node.last_quorum_contact();
  REQUIRE(contact);
  CHECK(a.hear(3, wire::append_entries_result{term + 4, 2, 1, 0, 0}));
  CHECK(a.node.role() == raft_role::follower);
  CHECK(a.hear(3, wire::request_vote{term + 5, 9, term, false, false}));
  CHECK(a.said<wire::request_vote_result>().empty());
  a.now = *contact + 1500ms;
  CHECK(a.hear(3, wire::request_vote{term + 5, 9, term, false, false}));
  CHECK(a.said<wire::request_vote_result>().size() == 1);
}

TEST_CASE("raft_node: a quorum contact is as old as the round that was answered") {
  seat a{1};
  a.lead();
  const auto term = a.node.term();
  const auto rounds = a.said<wire::append_entries>();
  REQUIRE(!rounds.empty());
  const auto sent = a.now;
  CHECK_FALSE(a.node.last_quorum_contact());
  a.wait(1000ms);
  CHECK(a.hear(2, wire::append_entries_result{term, 0, 2, rounds.back().round, term}));
  CHECK(a.node.last_quorum_contact() == sent);
  const auto before = a.node.last_quorum_contact();
  CHECK(a.hear(3, wire::append_entries_result{term, 0, 2, 1ULL << 40, term})); // never sent
  CHECK(a.hear(3, wire::append_entries_result{term, 0, 2, 0, term}));
  CHECK(a.node.last_quorum_contact() == before);
}

TEST_CASE("raft_node: who has offered its leadership vouches for no contact any more") {
  seat a{1};
  a.lead();
  const auto term = a.node.term();
  const auto rounds = a.said<wire::append_entries>();
  REQUIRE(!rounds.empty());
  CHECK(a.hear(2, wire::append_entries_result{term, 0, 2, rounds.back().round, term}));
  CHECK(a.node.last_quorum_contact());
  CHECK(a.node.transfer_leadership(a.now));
  CHECK(a.said<wire::timeout_now>().size() == 1);
  CHECK_FALSE(a.node.last_quorum_contact());
  CHECK_FALSE(a.node.transfer_leadership(a.now));
}

TEST_CASE("raft_node: the one it is offered to asks for votes at once") {
  seat a{2};
  CHECK(a.hear(3, wire::append_entries{2, 1, 1, 1, 4, {}}));
  CHECK(a.node.leader() == 3);
  CHECK(a.hear(3, wire::timeout_now{2, 1, 1}));
  const auto requests = a.said<wire::request_vote>();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].disrupt_leader);
  CHECK_FALSE(requests[0].pre_vote);
}
