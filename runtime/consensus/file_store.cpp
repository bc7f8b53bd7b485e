#include "runtime/consensus/file_store.hpp"

#include <algorithm>
#include <utility>

namespace argosy::consensus {

namespace {

const std::string promises_name = "promises";
const std::string snapshot_name = "snapshot";
const std::string log_name = "log";
const std::string remedy = "; put back the directory's backup, or empty the directory and start the"
                           " node under a new name";

/// Applies a record that checks; false if it does not follow from what was there.
struct replay {
  stored_state& state;
  bool first;

  bool operator()(const log_begins& r) const {
    state.first_index = r.first_index;
    return first && r.first_index > 0;
  }
  bool operator()(log_appends& r) const {
    if (first || r.first_index != state.end_index())
      return false;
    state.append(std::move(r.entries));
    return true;
  }
  bool operator()(const log_truncates& r) const {
    if (first || r.index < state.first_index || r.index > state.end_index())
      return false;
    state.truncate(r.index);
    return true;
  }
};

} // namespace

// -- reading --------------------------------------------------------------------------------------

file_store::opened file_store::open(disk& on) {
  std::unique_ptr<file_store> store{new file_store{on}};
  std::string notice;
  auto problem = store->load(notice);
  if (!problem.empty())
    return {nullptr, std::move(problem), {}};
  return {std::move(store), {}, std::move(notice)};
}

std::string file_store::load(std::string& notice) {
  const auto promises = disk_.read(promises_name);
  const auto snapshot = disk_.read(snapshot_name);
  const auto log = disk_.read(log_name);
  for (const auto* file : {&promises, &snapshot, &log})
    if (!file->problem.empty())
      return file->problem;
  if (!promises.bytes)
    return load_unpromised(snapshot, log);
  const auto promised = unseal_promises(*promises.bytes);
  if (!promised)
    return disk_.path(promises_name) + " is damaged" + remedy;
  if (!log.bytes)
    return disk_.path(log_name) + " is missing" + remedy;
  const auto end = replay_log(*log.bytes);
  if (last_frame_ < promised->log_frame)
    return disk_.path(log_name) + " is damaged at byte " + std::to_string(end) + ": write "
           + std::to_string(promised->log_frame) + " was done, and write "
           + std::to_string(last_frame_) + " is the last that checks" + remedy;
  state_.term = promised->term;
  state_.vote = promised->vote;
  const auto log_begin = state_.first_index;
  if (snapshot.bytes) {
    auto read = unseal_snapshot(*snapshot.bytes);
    if (!read)
      return disk_.path(snapshot_name) + " is damaged" + remedy;
    state_.snapshot = *read; // the log may begin right behind it
    state_.put_snapshot(std::move(*read), 0);
  }
  if (state_.first_index > (state_.snapshot ? state_.snapshot->index + 1 : 1))
    return disk_.path(snapshot_name) + " is missing or older than the log, which begins at entry "
           + std::to_string(state_.first_index) + remedy;
  auto problem = mend(log.bytes->size(), end, notice);
  if (problem.empty() && state_.first_index != log_begin) // the log was to be replaced, too
    problem = replace_log();
  return problem;
}

/// A crash before the end of `bootstrap` leaves a log of one entry and nothing else.
std::string file_store::load_unpromised(const disk::contents& snapshot, const disk::contents& log) {
  if (log.bytes)
    replay_log(*log.bytes);
  const bool begun = snapshot.bytes || state_.end_index() > 2;
  state_ = {};
  last_frame_ = 0;
  return begun ? disk_.path(promises_name) + " is missing, though there is a log" + remedy : "";
}

/// How many bytes of it check.
std::size_t file_store::replay_log(const std::string& bytes) {
  log_reader reader{bytes};
  std::size_t end = reader.position();
  while (auto record = reader.next()) {
    if (!std::visit(replay{state_, last_frame_ == 0}, *record))
      break;
    end = reader.position();
    last_frame_ = reader.last_frame();
  }
  return end;
}

/// What the last life wrote may still be in memory only, and the library will take it for promised.
std::string file_store::mend(std::size_t size, std::size_t end, std::string& notice) {
  if (end < size) {
    if (auto problem = disk_.cut(log_name, end); !problem.empty())
      return problem;
    notice = disk_.path(log_name) + ": dropped " + std::to_string(size - end)
             + " bytes at its end, of a write that was never finished";
  }
  auto problem = disk_.sync(log_name);
  return problem.empty() ? disk_.sync_directory() : problem;
}

// -- writing --------------------------------------------------------------------------------------

std::string file_store::bootstrap(stored_entry first) {
  state_ = {};
  state_.append({std::move(first)});
  auto problem = replace_log();
  return done(problem.empty() ? promise(1, 0) : std::move(problem));
}

std::string file_store::set_term(std::uint64_t term) {
  return done(promise(term, 0));
}

std::string file_store::set_vote(std::uint64_t voter) {
  return done(promise(state_.term, voter));
}

std::string file_store::append(std::vector<stored_entry> entries) {
  log_appends record{state_.end_index(), std::move(entries)};
  auto problem = append_frame(record);
  if (problem.empty())
    state_.append(std::move(record.entries));
  return done(std::move(problem));
}

std::string file_store::truncate(std::uint64_t index) {
  if (index >= state_.end_index())
    return failure_;
  auto problem = append_frame(log_truncates{std::max(index, state_.first_index)});
  if (problem.empty())
    state_.truncate(index);
  return done(std::move(problem));
}

std::string file_store::put_snapshot(stored_snapshot snapshot, std::uint64_t keep_from) {
  auto problem = replace(snapshot_name, seal(snapshot));
  if (problem.empty()) {
    state_.put_snapshot(std::move(snapshot), keep_from);
    problem = replace_log();
  }
  return done(problem.empty() ? promise(state_.term, state_.vote) : std::move(problem));
}

std::string file_store::replace(const std::string& name, std::string_view bytes) {
  if (!failure_.empty())
    return failure_;
  const auto beside = name + ".new";
  auto problem = disk_.write(beside, bytes);
  if (problem.empty())
    problem = disk_.sync(beside);
  if (problem.empty())
    problem = disk_.rename(beside, name);
  return problem.empty() ? disk_.sync_directory() : problem;
}

/// The numbers of the frames go on, so that an old copy of the log never passes for the new one.
std::string file_store::replace_log() {
  auto bytes = log_magic() + frame_of(last_frame_ + 1, log_begins{state_.first_index})
               + frame_of(last_frame_ + 2, log_appends{state_.first_index, state_.entries});
  auto problem = replace(log_name, bytes);
  if (problem.empty())
    last_frame_ += 2;
  return problem;
}

std::string file_store::append_frame(const log_record& record) {
  if (!failure_.empty())
    return failure_;
  auto problem = disk_.append(log_name, frame_of(last_frame_ + 1, record));
  if (problem.empty())
    problem = disk_.sync(log_name);
  if (!problem.empty())
    return problem;
  ++last_frame_;
  return promise(state_.term, state_.vote);
}

std::string file_store::promise(std::uint64_t term, std::uint64_t vote) {
  auto problem = replace(promises_name, seal(stored_promises{term, vote, last_frame_}));
  if (problem.empty()) {
    state_.term = term;
    state_.vote = vote;
  }
  return problem;
}

std::string file_store::done(std::string problem) {
  if (failure_.empty())
    failure_ = std::move(problem);
  return failure_;
}

} // namespace argosy::consensus
