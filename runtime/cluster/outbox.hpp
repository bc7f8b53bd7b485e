// outbox: the sending half of a link: what another node still has to be told.
//
// Picture the mail room of a ship that meets another one now and then: letters wait in trays by
// urgency, a bag is closed when it is full or when the boat leaves, and no more bags go over than
// the other ship has room for. When the mail room itself is full, each kind of letter has its own
// rule of who gives way, and every letter thrown away is entered in the book.
//
// Invariant: pushed == taken + dropped, by reason + queued. Memory is bounded by the backlog and
// its reserve, however long the peer sleeps. The window counts the bytes of envelopes alone: a
// batch's header, which carries the credit, is free, so credit never waits for credit. Pure;
// O(1) amortised. Called by the link actor of one peer.
#pragma once

#include "runtime/cluster/link_lane.hpp"
#include "runtime/cluster/linked_slots.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace argosy::cluster {

struct outbox_settings {
  std::size_t batch_bytes_max = 64 << 10; ///< a larger envelope goes alone
  std::size_t batch_envelopes_max = 256;
  std::chrono::microseconds flush_interval{2000};
  std::size_t window_bytes = 8 << 20;           ///< sent and not yet handled by the peer
  std::size_t window_reserve_bytes = 256 << 10; ///< on top: half for acks, all for control
  std::size_t backlog_bytes_max = 16 << 20;     ///< queued, `envelope_overhead` each included
  std::size_t backlog_reserve_bytes = 1 << 20;  ///< on top, for control and acks
  std::size_t envelope_bytes_max = 4 << 20;     ///< at most window_bytes
  std::size_t lagging_keys_max = 64 << 10;      ///< beyond, newcomers of further keys are refused
  std::uint32_t fair_turn = 16;                 ///< each so many batches begin at a low lane
};

/// What an envelope costs besides its bytes: its slot, its count, its place in an index.
inline constexpr std::size_t envelope_overhead = 128;

class outbox {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class verdict : std::uint8_t {
    queued,
    replaced,  ///< the queued envelope of the same key is gone, this one has its place
    dropped,   ///< of drop_old or conflate, and nothing in its lane could make room
    lagging,   ///< of lag, and its key lags: a range must bring it
    full,      ///< refused: no room, the caller answers retry_later
    too_large, ///< refused: more than envelope_bytes_max
  };
  enum class loss : std::uint8_t { replaced, overflow, lagging, refused, closed };
  static constexpr std::size_t loss_count = 5;

  struct envelope {
    link_lane lane{};
    message_class policy{};
    std::uint64_t key = 0;
    shared_bytes bytes;
  };
  struct batch {
    std::uint64_t sequence = 0; ///< from 1 in each link epoch; 0 when there is nothing to send
    std::vector<envelope> envelopes;
    std::size_t bytes = 0;
  };
  struct numbers {
    std::uint64_t pushed = 0;
    std::uint64_t taken = 0;
    std::array<std::uint64_t, loss_count> lost{}; ///< by `loss`
  };

  explicit outbox(const outbox_settings& settings = {});

  /// Queues `bytes`, or applies `policy`. `key` is the conflation key (0 = none) or the room that
  /// may lag; other classes ignore it.
  verdict push(link_lane lane, message_class policy, std::uint64_t key, shared_bytes bytes);

  /// When `take_batch` should be called next; nothing while there is nothing that may go. In the
  /// past when the link has been idle for the flush interval or a batch is full.
  std::optional<time_point> next_flush_at() const;

  /// The next batch by priority, as far as batch and window allow.
  batch take_batch(time_point now);

  /// The peer says how many bytes of envelopes it has handled in this link epoch, in all; saying
  /// it twice or out of order does no harm. False if it claims more than was sent: cut the link.
  [[nodiscard]] bool acked(std::uint64_t handled_bytes);

  /// A new link epoch: nothing is under way, sequence and counts begin anew. The queue stays.
  void restart() noexcept;

  /// Gives back all that is queued, in the order it would have gone, and counts it as closed.
  std::vector<envelope> close();

  /// Keys that have begun to lag since the last call, each once, in the order it happened.
  std::vector<std::uint64_t> take_lagging();
  bool is_lagging(std::uint64_t key) const { return lagging_.contains(key); }
  /// The room has a way for this node to catch up: its events are queued again.
  void resume(std::uint64_t key) { lagging_.erase(key); }

  std::size_t lagging() const noexcept { return lagging_.size(); }

  /// True while at most half of the backlog is in use: a good time to catch up.
  bool roomy() const noexcept { return cost_ <= settings_.backlog_bytes_max / 2; }
  std::size_t queued() const noexcept { return queued_; }
  std::size_t queued_bytes() const noexcept { return bytes_; }
  std::size_t backlog() const noexcept { return cost_; } ///< bytes and overhead
  std::uint64_t in_flight() const noexcept { return sent_ - handled_; }
  const numbers& counts() const noexcept { return counts_; }

private:
  // An envelope stands in the queue of its lane, and in at most one other: that of its key when it
  // may lag, that of its lane's droppable ones when it may be dropped singly.
  static constexpr std::size_t by_lane = 0;
  static constexpr std::size_t by_rule = 1;
  using slots = linked_slots<envelope, 2>;
  using slot_number = slots::slot_number;

  struct lane_state {
    slots::queue waiting;
    slots::queue droppable;
    std::size_t droppable_cost = 0;
    std::unordered_map<std::uint64_t, slot_number> newest;   ///< of a conflation key
    std::unordered_map<std::uint64_t, slots::queue> may_lag; ///< by room
  };
  enum class stop : std::uint8_t { lane_empty, batch_full, window_closed };

  lane_state& at(link_lane lane) noexcept { return lanes_[static_cast<std::size_t>(lane)]; }
  const lane_state& at(link_lane lane) const noexcept {
    return lanes_[static_cast<std::size_t>(lane)];
  }
  void count_loss(loss why) noexcept { ++counts_.lost[static_cast<std::size_t>(why)]; }
  bool has_room(link_lane lane, std::size_t cost) const noexcept;
  bool make_room(link_lane lane, std::size_t cost);
  bool replace(lane_state& in, std::uint64_t key, shared_bytes& bytes);
  verdict fall_behind(lane_state& in, std::uint64_t key);
  void add(envelope e);
  envelope take(slot_number n);
  bool fits(slot_number n) const noexcept;
  stop fill(batch& out, link_lane lane);
  std::optional<link_lane> lane_of_fair_turn() const noexcept;
  bool sendable() const noexcept;

  outbox_settings settings_;
  slots slots_;
  std::array<lane_state, link_lane_count> lanes_;
  std::unordered_set<std::uint64_t> lagging_;
  std::vector<std::uint64_t> newly_lagging_;
  std::size_t queued_ = 0;
  std::size_t bytes_ = 0;
  std::size_t cost_ = 0;
  std::uint64_t sent_ = 0;    ///< bytes, in this link epoch
  std::uint64_t handled_ = 0; ///< of those, by the peer
  std::uint64_t sequence_ = 0;
  std::uint32_t since_fair_turn_ = 0;
  std::size_t fair_turns_ = 0;
  time_point last_flush_ = time_point::min();
  numbers counts_;
};

} // namespace argosy::cluster
