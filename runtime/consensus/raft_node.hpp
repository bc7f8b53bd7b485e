// raft_node: one voter, as a state machine that knows no thread, clock, socket or file.
//
// Picture a notary who answers letters: he is handed one letter at a time, or told what time it is;
// he writes into his book, puts his own letters into the tray by the door, and sits still again.
// Whoever owns the notary carries the letters. The book is the `raft_store`; what he writes there
// binds him through every restart, and if a page refuses the ink he says nothing more (`failure`):
// his owner closes the book and hires him anew.
//
// This is Raft (Ongaro 2014) by libraft, with pre-vote, leader stickiness and check-quorum, over a
// fixed set of voters. What is agreed on is a sequence of commands, which `fold` condenses into one
// text, the state; it is the content of snapshots. The same calls with the same arguments give the
// same answers. Owned by the membership actor; the seeded simulation runs many in one thread.
#pragma once

#include "runtime/consensus/raft_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::consensus {

/// What a command may weigh, and the state: either has to fit one message.
inline constexpr std::size_t command_bytes_max = 960 << 10;

struct voter {
  std::uint64_t id = 0; ///< above 0
  std::string name;

  friend bool operator==(const voter&, const voter&) = default;
};

struct raft_settings {
  std::chrono::milliseconds heartbeat{250};
  std::chrono::milliseconds election{1500}; ///< each wait is drawn from once to twice this
  unsigned snapshot_every = 64;             ///< entries
  unsigned snapshot_trailing = 16;          ///< entries kept for voters that lag
};

enum class raft_role : std::uint8_t { stopped, follower, candidate, leader };
/// "stopped", "follower", "candidate" or "leader".
std::string_view to_string(raft_role role) noexcept;

struct outgoing_rpc {
  std::uint64_t to = 0;
  std::string bytes;
};

/// Turns `state` into what it is after `command`. Every voter must come to the same result; where a
/// command says nothing (a view that is not the next one), leaves the state as it is.
using fold_command = std::function<void(std::string& state, std::string_view command)>;

struct raft_counters {
  std::uint64_t refused = 0;   ///< messages that are none, or that no honest voter sends
  std::uint64_t shortened = 0; ///< messages that took only a part of the entries that were due
  std::uint64_t oversized = 0; ///< messages that were not sent, because they are too long
  std::uint64_t votes_muted =
      0; ///< votes withheld: an earlier leader may still count on this voter
};

class raft_engine;

class raft_node {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `store` outlives the node; `seed` decides how long each election is waited for.
  raft_node(const raft_settings& settings, std::uint64_t self, std::vector<voter> voters,
            raft_store& store, std::uint64_t seed, fold_command fold);
  ~raft_node();
  raft_node(const raft_node&) = delete;
  raft_node& operator=(const raft_node&) = delete;

  /// To be called once, before all else. Signs the list of voters into a pristine store; a store
  /// that has another list is refused. One sentence if it failed.
  [[nodiscard]] std::string start(time_point now);

  // After each of these: `take_outgoing`, `take_restored`, then `take_committed`.

  /// To be called a few times per heartbeat; time never runs back.
  void tick(time_point now);
  /// False for bytes that are none of the protocol's, or that no honest voter sends in this place.
  bool receive(time_point now, std::uint64_t from, std::string_view bytes);
  /// False if this is not the leader, if it is busy, or if the command is empty or too long. A new
  /// leader is busy until it has caught up with all that was ever committed, and then whenever a
  /// proposal of its own is under way. True promises nothing but a try: only a committed command
  /// comes out of `take_committed`.
  bool propose(time_point now, std::string_view command);
  /// Asks the best follower to take over at once. From then on this leadership vouches for no
  /// quorum contact, since another leader may come before an election timeout is over.
  bool transfer_leadership(time_point now);

  /// Stands for election at once, or again, instead of when the timer says so: for an owner that
  /// knows the leader to be gone. It asks for pre-votes first, so nothing comes of it unless a
  /// majority of voters knows of no leader, either. Does nothing on a leader.
  void expire_election(time_point now);

  std::vector<outgoing_rpc> take_outgoing();
  /// The state, if it came as a whole: from the snapshot at the start, or from the leader later.
  /// What was committed before it and not yet taken is part of it.
  std::optional<std::string> take_restored();
  /// Commands in the order that all voters agree on, each once per life of this object.
  std::vector<std::string> take_committed();

  raft_role role() const noexcept;
  std::uint64_t term() const noexcept;
  /// 0 if it is not known.
  std::uint64_t leader() const noexcept;
  std::uint64_t commit_index() const noexcept;
  /// Restored state and all that was committed since.
  const std::string& state() const noexcept;

  /// On a leader: the latest instant, to the millisecond, at which a majority of voters, itself
  /// included, is known to have followed it. Some of those have to drop it before another leader
  /// comes, which they do an election timeout past it, or when their owners know better
  /// (`expire_election`). Counted from when a round was sent, not from when its answers came.
  std::optional<time_point> last_quorum_contact() const;

  /// On a leader: no leader of an earlier term has had, or will have, a quorum contact later than
  /// this.
  time_point predecessors_contact() const;

  /// Why this voter has fallen silent, in one sentence; empty while all is well. It does not
  /// recover: make a new store and a new node.
  const std::string& failure() const noexcept;
  const raft_counters& counters() const noexcept;

private:
  std::unique_ptr<raft_engine> engine_;
};

} // namespace argosy::consensus
