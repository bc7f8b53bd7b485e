#include "runtime/consensus/raft_backend.hpp"

#include "runtime/consensus/raft_memory.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace argosy::consensus {

namespace {

/// What a message holds beside its entries.
constexpr std::size_t envelope_bytes = 512;

raft_backend& self_of(raft_io* io) {
  return *static_cast<raft_backend*>(io->impl);
}

} // namespace

raft_backend::raft_backend(raft_store& store, const voter_list& voters, std::uint64_t seed)
    : store_(store), voters_(voters), dice_(seed), quorum_(voters.size()) {
  fill_table();
}

void raft_backend::run_callbacks() {
  while (!callbacks_.empty()) {
    const auto callback = std::move(callbacks_.front());
    callbacks_.pop_front();
    callback();
  }
}

void raft_backend::fail(std::string sentence) {
  if (failure_.empty())
    failure_ = std::move(sentence);
}

void raft_backend::write(std::string problem) {
  if (!problem.empty())
    fail(std::move(problem));
}

std::uint64_t raft_backend::round_of(std::uint64_t term) {
  if (!quorum_.leads(term))
    quorum_.lead(term);
  return quorum_.round(std::chrono::floor<std::chrono::milliseconds>(now_));
}

// -- what goes out --------------------------------------------------------------------------------

void raft_backend::send(const raft_message& message) {
  const auto to = message.server_id;
  switch (message.type) {
  case RAFT_IO_REQUEST_VOTE: {
    const auto& m = message.request_vote;
    return send(to, wire::request_vote{m.term, m.last_log_index, m.last_log_term, m.disrupt_leader,
                                       m.pre_vote});
  }
  case RAFT_IO_REQUEST_VOTE_RESULT: {
    const auto& m = message.request_vote_result;
    return send(to, wire::request_vote_result{m.term, m.vote_granted,
                                              m.pre_vote == raft_tribool_true, store_.state().term,
                                              predecessors_.milliseconds_since(now_)});
  }
  case RAFT_IO_APPEND_ENTRIES:
    return send(to, outgoing_entries(message.append_entries));
  case RAFT_IO_APPEND_ENTRIES_RESULT:
    return send(to, outgoing_result(to, message.append_entries_result));
  case RAFT_IO_INSTALL_SNAPSHOT: {
    const auto& m = message.install_snapshot;
    return send(to, wire::install_snapshot{m.term, m.last_index, m.last_term, voters_.bytes(),
                                           m.conf_index, view_of(m.data), round_of(m.term)});
  }
  case RAFT_IO_TIMEOUT_NOW: {
    const auto& m = message.timeout_now;
    return send(to, wire::timeout_now{m.term, m.last_log_index, m.last_log_term});
  }
  default:
    fail("libraft sends a message of a kind unknown here: check its version");
  }
}

void raft_backend::send(std::uint64_t to, const wire::consensus_rpc& rpc) {
  if (!failure_.empty() || tray_closed_)
    return;
  auto bytes = wire::write_consensus_rpc(rpc);
  if (bytes.size() > wire::consensus_rpc_bytes_max) {
    ++counters_.oversized;
    return;
  }
  outgoing_.push_back({to, std::move(bytes)});
}

/// As many entries as one message takes; the rest goes when the follower has answered. libraft
/// relies on a message reaching to the end of the leader's log when a follower commits by it, so
/// one that does not must not say more of the commit index than it carries.
wire::append_entries raft_backend::outgoing_entries(const raft_append_entries& m) {
  wire::append_entries out{m.term,          m.prev_log_index, m.prev_log_term,
                           m.leader_commit, round_of(m.term), {}};
  std::size_t bytes = envelope_bytes;
  const auto n = std::min<std::size_t>(m.n_entries, wire::consensus_entries_max);
  out.entries.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& e = m.entries[i];
    bytes += wire::entry_bytes(data_of(e).size());
    if (i > 0 && bytes > wire::consensus_rpc_bytes_max)
      break;
    out.entries.push_back({e.term, kind_of(e), data_of(e)});
  }
  if (out.entries.size() < m.n_entries) {
    ++counters_.shortened;
    out.leader_commit = std::min(out.leader_commit, out.prev_log_index + out.entries.size());
  }
  return out;
}

/// libraft answers with the end of its own log, which may go on, behind what the message vouched
/// for, with entries of a lost leader; the leader would count them as its own. The answer ends
/// where the message did.
wire::append_entries_result
raft_backend::outgoing_result(std::uint64_t to, const raft_append_entries_result& m) const {
  wire::append_entries_result out{m.term, m.rejected, m.last_log_index, 0, 0};
  if (to == question_.from) {
    out.round = question_.round;
    out.round_term = question_.term;
    if (out.rejected == 0)
      out.last_log_index = std::min(out.last_log_index, question_.end);
  }
  return out;
}

// -- what comes in --------------------------------------------------------------------------------

namespace {

/// One block of memory for all entries: on some paths libraft frees the first one's block only.
raft_append_entries incoming(const wire::append_entries& m) {
  constexpr std::size_t barrier_size = 8;
  raft_append_entries out{m.term, m.prev_log_index, m.prev_log_term, m.leader_commit, nullptr, 0};
  if (m.entries.empty())
    return out;
  std::size_t size = 0;
  for (const auto& e : m.entries)
    size += e.kind == entry_kind::barrier ? barrier_size : e.data.size();
  auto* batch = static_cast<char*>(raft_memory(size));
  out.n_entries = static_cast<unsigned>(m.entries.size());
  out.entries = static_cast<raft_entry*>(raft_memory(out.n_entries * sizeof(raft_entry)));
  auto* next = batch;
  for (unsigned i = 0; i < out.n_entries; ++i) {
    const auto& e = m.entries[i];
    const bool barrier = e.kind == entry_kind::barrier;
    const auto length = barrier ? barrier_size : e.data.size();
    if (barrier)
      std::memset(next, 0, length);
    else
      std::memcpy(next, e.data.data(), length);
    out.entries[i] = {e.term, raft_type_of(e.kind), {next, length}, batch};
    next += length;
  }
  return out;
}

} // namespace

void raft_backend::deliver(const voter& from, const wire::consensus_rpc& rpc) {
  raft_message message{};
  message.server_id = from.id;
  message.server_address = from.name.c_str();
  question_ = {};
  if (const auto* vote = std::get_if<wire::request_vote>(&rpc)) {
    message.type = RAFT_IO_REQUEST_VOTE;
    message.request_vote = {vote->term,           from.id,
                            vote->last_log_index, vote->last_log_term,
                            vote->disrupt_leader, vote->pre_vote};
  } else if (const auto* voted = std::get_if<wire::request_vote_result>(&rpc)) {
    message.type = RAFT_IO_REQUEST_VOTE_RESULT;
    message.request_vote_result = {voted->term, voted->granted, TO_RAFT_TRIBOOL(voted->pre_vote)};
  } else if (const auto* entries = std::get_if<wire::append_entries>(&rpc)) {
    message.type = RAFT_IO_APPEND_ENTRIES;
    message.append_entries = incoming(*entries);
    question_ = {from.id, entries->term, entries->round,
                 entries->prev_log_index + entries->entries.size()};
  } else if (const auto* result = std::get_if<wire::append_entries_result>(&rpc)) {
    message.type = RAFT_IO_APPEND_ENTRIES_RESULT;
    message.append_entries_result = {result->term, result->rejected, result->last_log_index};
    if (result->term == result->round_term)
      quorum_.answered(from.id, result->term, result->round);
  } else if (const auto* snapshot = std::get_if<wire::install_snapshot>(&rpc)) {
    message.type = RAFT_IO_INSTALL_SNAPSHOT;
    message.install_snapshot = {
        snapshot->term, snapshot->last_index,          snapshot->last_term,
        voters_.copy(), snapshot->configuration_index, raft_copy(snapshot->data)};
    question_ = {from.id, snapshot->term, snapshot->round,
                 std::numeric_limits<std::uint64_t>::max()};
  } else if (const auto* timeout = std::get_if<wire::timeout_now>(&rpc)) {
    message.type = RAFT_IO_TIMEOUT_NOW;
    message.timeout_now = {timeout->term, timeout->last_log_index, timeout->last_log_term};
  }
  receive_(&io_, &message);
}

/// By the request of a candidate whose log is too old for any vote; the refusal is not sent.
void raft_backend::enter_term(const voter& from, std::uint64_t term) {
  raft_message message{};
  message.type = RAFT_IO_REQUEST_VOTE;
  message.server_id = from.id;
  message.server_address = from.name.c_str();
  message.request_vote = {term, from.id, 0, 0, false, false};
  tray_closed_ = true;
  receive_(&io_, &message);
  tray_closed_ = false;
}

// -- the store ------------------------------------------------------------------------------------

int raft_backend::load(raft_term* term, raft_id* vote, raft_snapshot** snapshot, raft_index* start,
                       raft_entry* entries[], size_t* n) {
  const auto& state = store_.state();
  *term = state.term;
  *vote = state.vote;
  *snapshot = state.snapshot ? snapshot_copy() : nullptr;
  *start = state.first_index;
  *n = state.entries.size();
  *entries = nullptr;
  if (state.entries.empty())
    return 0;
  *entries = static_cast<raft_entry*>(raft_memory(*n * sizeof(raft_entry)));
  for (std::size_t i = 0; i < *n; ++i) {
    const auto& e = state.entries[i];
    (*entries)[i] = {e.term, raft_type_of(e.kind), raft_copy(e.data), nullptr};
  }
  return 0;
}

raft_snapshot* raft_backend::snapshot_copy() const {
  const auto& from = *store_.state().snapshot;
  auto* out = static_cast<raft_snapshot*>(raft_memory(sizeof(raft_snapshot)));
  auto* content = static_cast<raft_buffer*>(raft_memory(sizeof(raft_buffer)));
  *content = raft_copy(from.data);
  *out = {from.index, from.term, voters_.copy(), from.configuration_index, content, 1};
  return out;
}

void raft_backend::append(const raft_entry entries[], unsigned n) {
  std::vector<stored_entry> copies;
  copies.reserve(n);
  for (unsigned i = 0; i < n; ++i)
    copies.push_back({entries[i].term, kind_of(entries[i]), std::string{data_of(entries[i])}});
  write(store_.append(std::move(copies)));
}

void raft_backend::put_snapshot(const raft_snapshot& snapshot, unsigned trailing) {
  std::string data;
  for (unsigned i = 0; i < snapshot.n_bufs; ++i)
    data.append(view_of(snapshot.bufs[i]));
  const auto keep_from = snapshot.index + 1 - std::min<std::uint64_t>(trailing, snapshot.index);
  write(store_.put_snapshot({snapshot.index, snapshot.term, voters_.bytes(),
                             snapshot.configuration_index, std::move(data)},
                            keep_from));
}

// -- the table ------------------------------------------------------------------------------------

void raft_backend::fill_table() {
  io_.version = 1;
  io_.impl = this;
  io_.init = [](raft_io*, raft_id, const char*) noexcept { return 0; };
  io_.close = [](raft_io* io, raft_io_close_cb done) noexcept {
    self_of(io).later([=] { done(io); });
  };
  io_.load = [](raft_io* io, raft_term* term, raft_id* vote, raft_snapshot** snapshot,
                raft_index* start, raft_entry* entries[], size_t* n) noexcept {
    return self_of(io).load(term, vote, snapshot, start, entries, n);
  };
  io_.start = [](raft_io* io, unsigned, raft_io_tick_cb on_tick,
                 raft_io_recv_cb on_message) noexcept {
    self_of(io).tick_ = on_tick;
    self_of(io).receive_ = on_message;
    return 0;
  };
  // The voters are signed in before libraft starts, and recovery by force is none of ours.
  io_.bootstrap = [](raft_io*, const raft_configuration*) noexcept { return RAFT_CANTBOOTSTRAP; };
  io_.recover = [](raft_io*, const raft_configuration*) noexcept { return RAFT_CANTCHANGE; };
  io_.set_term = [](raft_io* io, raft_term term) noexcept {
    self_of(io).write(self_of(io).store_.set_term(term));
    return 0;
  };
  io_.set_vote = [](raft_io* io, raft_id vote) noexcept {
    self_of(io).write(self_of(io).store_.set_vote(vote));
    return 0;
  };
  io_.send = [](raft_io* io, raft_io_send* request, const raft_message* message,
                raft_io_send_cb done) noexcept {
    self_of(io).send(*message);
    if (done != nullptr) // a leadership transfer sends without one
      self_of(io).later([=] { done(request, 0); });
    return 0;
  };
  io_.append = [](raft_io* io, raft_io_append* request, const raft_entry entries[], unsigned n,
                  raft_io_append_cb done) noexcept {
    self_of(io).append(entries, n);
    self_of(io).later([=] { done(request, 0); });
    return 0;
  };
  io_.truncate = [](raft_io* io, raft_index index) noexcept {
    self_of(io).write(self_of(io).store_.truncate(index));
    return 0;
  };
  io_.snapshot_put = [](raft_io* io, unsigned trailing, raft_io_snapshot_put* request,
                        const raft_snapshot* snapshot, raft_io_snapshot_put_cb done) noexcept {
    self_of(io).put_snapshot(*snapshot, trailing);
    self_of(io).later([=] { done(request, 0); });
    return 0;
  };
  io_.snapshot_get = [](raft_io* io, raft_io_snapshot_get* request,
                        raft_io_snapshot_get_cb done) noexcept {
    auto* snapshot = self_of(io).snapshot_copy();
    self_of(io).later([=] { done(request, snapshot, 0); });
    return 0;
  };
  io_.time = [](raft_io* io) noexcept {
    using namespace std::chrono;
    return static_cast<raft_time>(floor<milliseconds>(self_of(io).now_.time_since_epoch()).count());
  };
  io_.random = [](raft_io* io, int min, int max) noexcept {
    const auto span = static_cast<std::uint64_t>(std::max(max - min, 1));
    return min + static_cast<int>(self_of(io).dice_() % span);
  };
}

} // namespace argosy::consensus
