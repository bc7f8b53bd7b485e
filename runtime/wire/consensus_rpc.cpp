#include "runtime/wire/consensus_rpc.hpp"

#include "runtime/wire/message_reader.hpp"
#include "runtime/wire/message_writer.hpp"

#include <schemas/consensus.capnp.h>

namespace argosy::wire {

namespace {

using namespace raft;

// -- writing --------------------------------------------------------------------------------------

void write(Rpc::Builder out, const request_vote& m) {
  auto to = out.initRequestVote();
  to.setTerm(m.term);
  to.setLastLogIndex(m.last_log_index);
  to.setLastLogTerm(m.last_log_term);
  to.setDisruptLeader(m.disrupt_leader);
  to.setPreVote(m.pre_vote);
}

void write(Rpc::Builder out, const request_vote_result& m) {
  auto to = out.initRequestVoteResult();
  to.setTerm(m.term);
  to.setGranted(m.granted);
  to.setPreVote(m.pre_vote);
  to.setVoterTerm(m.voter_term);
  to.setSinceLeaderMs(m.since_leader_ms);
}

void write(Rpc::Builder out, const append_entries& m) {
  auto to = out.initAppendEntries();
  to.setTerm(m.term);
  to.setPrevLogIndex(m.prev_log_index);
  to.setPrevLogTerm(m.prev_log_term);
  to.setLeaderCommit(m.leader_commit);
  to.setRound(m.round);
  auto entries = to.initEntries(static_cast<unsigned>(m.entries.size()));
  for (unsigned i = 0; i < entries.size(); ++i) {
    entries[i].setTerm(m.entries[i].term);
    entries[i].setKind(static_cast<EntryKind>(m.entries[i].kind));
    entries[i].setData(data_of(m.entries[i].data));
  }
}

void write(Rpc::Builder out, const append_entries_result& m) {
  auto to = out.initAppendEntriesResult();
  to.setTerm(m.term);
  to.setRejected(m.rejected);
  to.setLastLogIndex(m.last_log_index);
  to.setRound(m.round);
  to.setRoundTerm(m.round_term);
}

void write(Rpc::Builder out, const install_snapshot& m) {
  auto to = out.initInstallSnapshot();
  to.setTerm(m.term);
  to.setLastIndex(m.last_index);
  to.setLastTerm(m.last_term);
  to.setConfiguration(data_of(m.configuration));
  to.setConfigurationIndex(m.configuration_index);
  to.setData(data_of(m.data));
  to.setRound(m.round);
}

void write(Rpc::Builder out, const timeout_now& m) {
  auto to = out.initTimeoutNow();
  to.setTerm(m.term);
  to.setLastLogIndex(m.last_log_index);
  to.setLastLogTerm(m.last_log_term);
}

// -- reading --------------------------------------------------------------------------------------

consensus_rpc read(RequestVote::Reader m) {
  return request_vote{m.getTerm(), m.getLastLogIndex(), m.getLastLogTerm(), m.getDisruptLeader(),
                      m.getPreVote()};
}

consensus_rpc read(RequestVoteResult::Reader m) {
  return request_vote_result{m.getTerm(), m.getGranted(), m.getPreVote(), m.getVoterTerm(),
                             m.getSinceLeaderMs()};
}

std::optional<consensus_rpc> read(AppendEntries::Reader m) {
  const auto entries = m.getEntries();
  if (entries.size() > consensus_entries_max)
    return std::nullopt;
  append_entries out{m.getTerm(),         m.getPrevLogIndex(), m.getPrevLogTerm(),
                     m.getLeaderCommit(), m.getRound(),        {}};
  out.entries.reserve(entries.size());
  for (auto entry : entries) {
    const auto kind = static_cast<std::uint16_t>(entry.getKind());
    if (kind > static_cast<std::uint16_t>(entry_kind::configuration))
      return std::nullopt;
    out.entries.push_back(
        {entry.getTerm(), static_cast<entry_kind>(kind), view_of(entry.getData())});
  }
  return out;
}

consensus_rpc read(AppendEntriesResult::Reader m) {
  return append_entries_result{m.getTerm(), m.getRejected(), m.getLastLogIndex(), m.getRound(),
                               m.getRoundTerm()};
}

consensus_rpc read(InstallSnapshot::Reader m) {
  return install_snapshot{m.getTerm(),
                          m.getLastIndex(),
                          m.getLastTerm(),
                          view_of(m.getConfiguration()),
                          m.getConfigurationIndex(),
                          view_of(m.getData()),
                          m.getRound()};
}

consensus_rpc read(TimeoutNow::Reader m) {
  return timeout_now{m.getTerm(), m.getLastLogIndex(), m.getLastLogTerm()};
}

std::optional<consensus_rpc> read(Rpc::Reader rpc) {
  switch (rpc.which()) {
  case Rpc::REQUEST_VOTE:
    return read(rpc.getRequestVote());
  case Rpc::REQUEST_VOTE_RESULT:
    return read(rpc.getRequestVoteResult());
  case Rpc::APPEND_ENTRIES:
    return read(rpc.getAppendEntries());
  case Rpc::APPEND_ENTRIES_RESULT:
    return read(rpc.getAppendEntriesResult());
  case Rpc::INSTALL_SNAPSHOT:
    return read(rpc.getInstallSnapshot());
  case Rpc::TIMEOUT_NOW:
    return read(rpc.getTimeoutNow());
  }
  return std::nullopt;
}

} // namespace

std::string write_consensus_rpc(const consensus_rpc& rpc) {
  std::string out;
  append_message<raft::Rpc>(out, [&](raft::Rpc::Builder root) {
    std::visit([&](const auto& m) { write(root, m); }, rpc);
  });
  return out;
}

std::size_t entry_bytes(std::size_t data_bytes) noexcept {
  constexpr std::size_t fixed = 8 * sizeof(capnp::word); // its struct, and a far pointer or two
  return fixed + (data_bytes + sizeof(capnp::word) - 1) / sizeof(capnp::word) * sizeof(capnp::word);
}

std::optional<consensus_rpc> read_consensus_rpc(std::string_view bytes) {
  if (bytes.size() > consensus_rpc_bytes_max)
    return std::nullopt;
  const auto* message = message_bytes::open(bytes);
  if (message == nullptr)
    return std::nullopt;
  std::optional<consensus_rpc> out;
  const bool whole = within_layout([&] {
    capnp::FlatArrayMessageReader reader{message->words(), message->limits()};
    out = read(reader.getRoot<raft::Rpc>());
    return out.has_value();
  });
  return whole ? std::move(out) : std::nullopt;
}

} // namespace argosy::wire
