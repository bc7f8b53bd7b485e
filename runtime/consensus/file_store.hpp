// file_store: a raft_store in one directory of a disk.
//
// Three files. `promises` has the term, the vote and how far the log is known to be written;
// `snapshot` the last snapshot; both are replaced as a whole (write beside, sync, rename, sync the
// directory). `log` only grows, frame by frame, and is replaced after a snapshot. A write is done
// when `promises` says so, and this tells the two kinds of damage apart: bytes behind that mark are
// a write that a crash cut short, and are dropped with a word; a log that does not check up to the
// mark has lost what other voters count on, and such a store is refused. Kilobytes, and a few
// entries a minute: simple and right comes before fast.
#pragma once

#include "runtime/consensus/disk.hpp"
#include "runtime/consensus/disk_format.hpp"
#include "runtime/consensus/raft_store.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace argosy::consensus {

class file_store final : public raft_store {
public:
  struct opened {
    std::unique_ptr<file_store> store; ///< null if `problem` says why
    std::string problem;
    std::string notice; ///< one sentence for the log, if something was mended
  };
  /// `on` outlives the store.
  static opened open(disk& on);

  const stored_state& state() const noexcept override { return state_; }

  std::string bootstrap(stored_entry first) override;
  std::string set_term(std::uint64_t term) override;
  std::string set_vote(std::uint64_t voter) override;
  std::string append(std::vector<stored_entry> entries) override;
  std::string truncate(std::uint64_t index) override;
  std::string put_snapshot(stored_snapshot snapshot, std::uint64_t keep_from) override;

private:
  explicit file_store(disk& on) : disk_(on) {}

  std::string load(std::string& notice);
  std::string load_unpromised(const disk::contents& snapshot, const disk::contents& log);
  std::size_t replay_log(const std::string& bytes);
  std::string mend(std::size_t size, std::size_t end, std::string& notice);

  std::string replace(const std::string& name, std::string_view bytes);
  std::string replace_log();
  std::string append_frame(const log_record& record);
  std::string promise(std::uint64_t term, std::uint64_t vote);
  std::string done(std::string problem);

  disk& disk_;
  stored_state state_;
  std::uint64_t last_frame_ = 0; ///< of the log as it is on the disk
  std::string failure_;          ///< the first one stays
};

} // namespace argosy::consensus
