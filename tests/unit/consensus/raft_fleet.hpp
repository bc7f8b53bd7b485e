// raft_fleet: voters in one thread, with a network between them that a seed makes bad.
//
// Time is virtual and moves from event to event. Each event checks what must always hold: one
// leader per term; what one voter has applied begins, or goes on, what every other has; an old
// leader's quorum contact is never later than what a majority has seen of it, nor than what any
// later leader takes it for, and nobody else leads before an election timeout past it, unless
// voters were told to stand.
#pragma once

#include "runtime/consensus/memory_store.hpp"
#include "runtime/consensus/raft_node.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::consensus::test {

struct fleet_weather {
  double loss = 0;
  double duplicates = 0;
  double spikes = 0; ///< messages that take up to two seconds
  int delay_max_ms = 20;
  bool transfers = false;
  bool doubts = false;           ///< voters stand for election for no reason
  std::size_t command_bytes = 0; ///< commands are padded to this
};

class raft_fleet {
public:
  using time_point = raft_node::time_point;
  using ms = std::chrono::milliseconds;

  raft_fleet(std::uint64_t seed, std::size_t voters, const raft_settings& settings,
             const fleet_weather& weather);

  /// Ticks, delivers and proposes for so long; with `faults` it also breaks things, and mends them.
  void run(ms duration, bool faults);
  /// Mends everything: no partition, no loss, all voters alive.
  void heal();

  /// The newest leader, or nothing.
  std::optional<std::size_t> leader() const;
  bool propose(std::size_t at);
  /// Has it stand for election now, if it runs and does not lead.
  void doubt(std::size_t at);

  void crash(std::size_t i);
  void restart(std::size_t i);
  void cut(std::size_t from, std::size_t to) { blocked_.insert({from, to}); }
  void isolate(std::size_t i);
  void mend() { blocked_.clear(); }
  /// From now on that share of the messages has some bits flipped. Nothing is checked any more.
  void mangle(double share, std::uint64_t seed);

  std::size_t size() const noexcept { return seats_.size(); }
  raft_node* node(std::size_t i) const noexcept { return seats_[i].node.get(); }
  memory_store& store(std::size_t i) noexcept { return *seats_[i].store; }
  time_point now() const noexcept { return now_; }
  const std::string& agreed() const noexcept { return agreed_; }
  /// The first broken promise, or empty.
  const std::string& violation() const noexcept { return violation_; }

  struct figures {
    std::uint64_t leaderships = 0;
    std::uint64_t restored_from_leader = 0;
    std::uint64_t write_failures = 0;
    std::uint64_t crashes = 0;
    std::uint64_t shortened = 0;
    std::uint64_t muted = 0;
    std::uint64_t contacts = 0;
    std::uint64_t committed = 0;
  };
  figures counted() const;

private:
  struct seat {
    std::unique_ptr<memory_store> store;
    std::unique_ptr<raft_node> node;
    std::string copy; ///< the state, as its owner adds it up from what he takes
    time_point paused_until{};
    time_point restarts_at = time_point::max();
    std::uint64_t led_term = 0;
  };
  struct letter {
    std::size_t from = 0;
    std::size_t to = 0;
    std::string bytes;
    time_point sent{};
  };
  struct event {
    time_point at{};
    std::uint64_t order = 0;
    std::size_t whose = 0;        ///< voter that it happens to
    std::shared_ptr<letter> mail; ///< null for a tick
    bool operator>(const event& o) const noexcept {
      return std::pair{at, order} > std::pair{o.at, o.order};
    }
  };
  using contact_key = std::pair<std::size_t, std::uint64_t>; ///< leader and term

  void plan(time_point at, std::size_t whose, std::shared_ptr<letter> mail);
  void handle(const event& e);
  void collect(std::size_t i);
  void post(std::size_t from, outgoing_rpc rpc);
  void vandalise(std::string& bytes);
  void adopt(std::size_t i);
  void check(std::size_t i);
  void check_contact(std::size_t i);
  void note_delivery(const letter& mail);
  void bring_trouble();
  void fail(const std::string& what);
  bool chance(double p) { return std::uniform_real_distribution<>{0, 1}(dice_) < p; }
  int draw(int from, int to) { return std::uniform_int_distribution<>{from, to}(dice_); }

  raft_settings settings_;
  fleet_weather weather_;
  std::mt19937_64 dice_;
  double mangled_ = 0;
  std::mt19937_64 vandal_;
  std::vector<voter> voters_;
  std::vector<seat> seats_;
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  std::set<std::pair<std::size_t, std::size_t>> blocked_;
  std::map<std::uint64_t, std::size_t> leaders_; ///< by term
  std::map<contact_key, std::map<std::size_t, time_point>> followed_;
  std::map<std::uint64_t, time_point> vouched_; ///< by term: the latest contact any leader claimed
  std::map<std::uint64_t, time_point> bounds_;  ///< by term: that of earlier ones, its leader says
  time_point now_{std::chrono::seconds{1000}};
  std::uint64_t order_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t seed_;
  std::string agreed_;
  std::string violation_;
  figures figures_;
};

} // namespace argosy::consensus::test
