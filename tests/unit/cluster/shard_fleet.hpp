// shard_fleet: one shard on a few simulated nodes, to see what its lifecycles do together.
//
// Virtual time in steps of 10 ms, one seed. A leader that never fails decides views and grants
// leases; between the nodes, messages are late, lost, cut off; nodes crash, or are declared dead
// while they still run. Whoever acts appends numbered items to what it holds, and everything that
// was ever appended is remembered outside.
#pragma once

#include "runtime/cluster/shard_lifecycle.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::testing {

struct fleet_faults {
  int delay_ms_max = 100;
  int loss_percent = 0;
  int views_missed_percent = 0; ///< a node hears of the next one instead
  int change_every_ms = 1500;   ///< about
  bool crashes = false;
  bool cuts = false; ///< links, and nodes from the leader; who is cut off for long is declared dead
};

class shard_fleet {
public:
  shard_fleet(unsigned seed, std::size_t nodes, const fleet_faults& faults);

  /// Lets `ms` pass; false as soon as two nodes act at once.
  bool run(int ms);
  /// No more faults and no more views.
  void quiet();

  bool newest_owner_acts_alone() const;
  /// What the acting node holds is everything that was ever appended, in order.
  bool nothing_lost() const;
  /// True if a crash, or a salvage that could not ask everybody, may have cost something.
  bool loss_excused() const noexcept { return loss_excused_; }
  std::size_t appended() const noexcept { return all_.size(); }
  std::size_t activations() const noexcept { return activations_; }
  std::size_t salvages() const noexcept { return salvages_; }
  std::string trace() const;

private:
  using instant = std::chrono::steady_clock::time_point;
  struct content {
    std::uint64_t epoch = 0;
    std::vector<int> items;
  };
  struct decided_view {
    std::uint64_t no = 0;
    std::size_t owner = 0;
    std::set<std::size_t> members;
    std::optional<cluster::node_identity> owner_identity;
    std::optional<cluster::node_identity> previous;
    cluster::owner_fate fate{};
    instant decided_at{};
    instant outsiders_fenced_at{};
  };
  struct collection { ///< a salvage under way
    std::uint64_t ticket = 0;
    std::set<std::size_t> asked;
    std::optional<content> best;
    bool all_answered_well = true;
    instant deadline{};
  };
  struct node {
    cluster::node_identity id;
    std::unique_ptr<cluster::shard_lifecycle> shard;
    std::uint64_t view_no = 0;
    instant lease_until{};
    bool leased = false;
    bool crashed = false;
    instant restart_at{};
    instant cut_off_until{}; ///< from the leader
    instant last_contact{};  ///< as the leader sees it
    std::optional<content> holds;
    std::optional<content> arriving;
    std::optional<collection> salvage;
  };
  struct message {
    instant due{};
    std::size_t from = 0;
    std::size_t to = 0;
    cluster::node_identity sender;
    cluster::node_identity receiver;
    std::function<void()> deliver;
  };

  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  instant after(int ms) const { return now_ + std::chrono::milliseconds{ms}; }
  void note(const std::string& what);
  std::size_t index_of(const cluster::node_identity& id) const;
  bool cut(std::size_t a, std::size_t b) const;
  void send(std::size_t from, const cluster::node_identity& to, std::function<void()> deliver);
  void send_pull(std::size_t from, const cluster::shard_action& a);
  void send_parts(std::size_t from, const cluster::shard_action& a);
  void send_refusal(std::size_t from, const cluster::shard_action& a);
  void begin_salvage(std::size_t at, const cluster::shard_action& a);
  void salvage_answer(std::size_t at, std::size_t from, std::uint64_t ticket, bool well,
                      const std::optional<content>& found);
  void finish_salvage(std::size_t at);
  void carry_out(std::size_t at, const cluster::shard_actions& actions,
                 const std::optional<content>& found);
  void step();
  void step_node(std::size_t at);
  void step_leader();
  void break_something();
  void decide(std::set<std::size_t> members, instant outsiders_fenced_at);
  void learn_view(std::size_t at);
  void renew_lease(std::size_t at);
  void restart(std::size_t at);

  std::mt19937 random_;
  fleet_faults faults_;
  bool quiet_ = false;
  instant now_;
  std::vector<node> nodes_;
  std::vector<decided_view> views_;
  std::map<std::pair<std::size_t, std::size_t>, instant> last_due_;
  std::map<std::pair<std::size_t, std::size_t>, instant> cut_until_;
  std::vector<message> wire_;
  std::vector<int> all_;
  bool loss_excused_ = false;
  std::size_t activations_ = 0;
  std::size_t salvages_ = 0;
  instant fence_of_the_condemned_{};
  std::deque<std::string> trace_;
};

} // namespace argosy::testing
