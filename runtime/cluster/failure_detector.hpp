// failure_detector: whom this node believes to be dead, of those it watches.
//
// Picture a night watch that calls across the water to each ship it was given. No answer: it asks
// three others to call. Still nothing, three calls in a row: it tells the admiral, who believes it
// when a second watch says the same. And a watchman who finds that he has slept, or whom nobody at
// all answers, suspects his own ears first: he calls again, and waits longer.
//
// SWIM (Das, Gupta, Motivala 2002) with the local health of Lifeguard (Dadgar, Phillips, Currey
// 2018), but decisions are the voters': this only accuses and withdraws. A round is one probe of
// one target: a probe; at the timeout a second one and three helpers; at the end, unless anything
// at all came from the target meanwhile, a miss. Three misses in a row accuse, and each further one
// renews the accusation. Rounds stretch with the node's own bad health.
//
// So a dead node is accused 1.5 to 2 s after its death, one that pauses 1 s never, and a link that
// is dumb in one direction is no reason, because the helpers hear the target. In a cluster of two
// there are none, and a silent peer and one's own deafness look alike: it is accused as fast, since
// the voters decide, and who cannot reach them is fenced itself. Pure; `now` is an
// argument; state is bounded by the number of watched members.
#pragma once

#include "runtime/cluster/round_trip.hpp"
#include "runtime/cluster/view.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <variant>
#include <vector>

namespace argosy::cluster {

struct detector_settings {
  std::chrono::milliseconds probe_interval{500};
  std::chrono::milliseconds timeout_min{200};
  std::chrono::milliseconds timeout_max{2000}; ///< before the stretch by bad health
  std::uint32_t misses = 3;
  std::uint32_t helpers = 3;
  std::uint32_t health_max = 8;
  /// Who was heard within this time is not accused.
  std::chrono::milliseconds traffic_grace{1000};
  /// A tick that comes later than asked by more than this says that this node was suspended.
  std::chrono::milliseconds late_tick{200};
};

struct send_probe {
  node_identity target;
  std::uint64_t sequence = 0;
};
/// Asks `helper` to probe `target`; its answer comes back as `indirect_acked`.
struct ask_indirect {
  node_identity helper;
  node_identity target;
  std::uint64_t sequence = 0;
};
/// Also said again, at each further miss: the leader forgets accusations that are not renewed.
struct accuse {
  node_identity target;
};
struct withdraw {
  node_identity target;
};
using detector_action = std::variant<send_probe, ask_indirect, accuse, withdraw>;

class failure_detector {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit failure_detector(node_identity self, const detector_settings& settings = {});

  /// Takes on the targets of a new view. What is known of those that stay is kept.
  void watch(const view& v, time_point now);

  /// What is due. To be called at `next_tick_at`; in time, or the misses of the gap do not count.
  std::vector<detector_action> tick(time_point now);

  /// Changed by `tick` and `watch` only; time_point::max() when there is nobody to watch.
  time_point next_tick_at() const noexcept { return next_tick_at_; }

  /// An answer to a probe of ours. Late ones count as a sign of life, too.
  void acked(const node_identity& target, std::uint64_t sequence, time_point now);
  /// A helper got an answer for us.
  void indirect_acked(const node_identity& target, std::uint64_t sequence, time_point now);
  /// Anything at all came from that member: its probes, envelopes, Raft messages.
  void heard_from(const node_identity& peer, time_point now);

  /// 0 = well. Multiplies timeouts and rounds by 1 + health.
  std::uint32_t health() const noexcept { return health_; }

  /// For the shell. Members in the order of their names.
  struct target_state {
    node_identity target;
    std::uint32_t misses = 0;
    bool accused = false;
    std::chrono::microseconds round_trip{0};
  };
  std::vector<target_state> describe() const;

private:
  struct sent_probe {
    std::uint64_t sequence = 0; ///< 0 = none
    time_point at{};
  };
  struct target {
    round_trip rtt;
    std::array<sent_probe, 8> sent{}; ///< the last ones, so that a late answer is known
    time_point round_began{};
    time_point round_ends{};
    time_point escalates = time_point::max(); ///< when to probe again and ask helpers; max() = done
    time_point heard{};
    std::uint64_t round_sequence = 0; ///< the first of this round
    std::uint32_t misses = 0;
    bool probing = false; ///< false before the first round
    bool accused = false;
    bool answered = false; ///< this round
    bool sampled = false;  ///< this round
  };

  void excuse_gap(time_point now);
  void begin_round(const node_identity& id, target& t, time_point now,
                   std::vector<detector_action>& out);
  void end_round(const node_identity& id, target& t, time_point now,
                 std::vector<detector_action>& out);
  void escalate(const node_identity& id, target& t, time_point now,
                std::vector<detector_action>& out);
  void probe(const node_identity& id, target& t, time_point now, std::vector<detector_action>& out);
  void raise_health(std::uint32_t by) noexcept;
  void plan_next() noexcept;
  std::chrono::microseconds stretched_timeout(const target& t) const noexcept;

  node_identity self_;
  detector_settings settings_;
  std::map<node_identity, target> targets_;
  std::vector<node_identity> peers_; ///< all members but this one: the helpers
  std::vector<node_identity> withdrawn_;
  time_point next_tick_at_ = time_point::max();
  time_point heard_anybody_{};
  time_point health_raised_{};
  std::uint64_t sequence_ = 0;
  std::uint32_t health_ = 0;
};

} // namespace argosy::cluster
