// sim_world: a whole fleet in one thread: the real actors, a simulated network, virtual time.
//
// One seed decides the order of everything: who runs first, how long each message takes, when a
// client publishes. The same seed gives the same run.
#pragma once

#include "actors/cluster/cluster_layer.hpp"
#include "runtime/consensus/memory_store.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/sim/sim_network.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace argosy::sim {

/// One process: it lives from `start` to `kill`.
class sim_node {
public:
  sim_node(sim_network& net, const seed& who, std::vector<seed> seeds, std::uint64_t incarnation,
           consensus::memory_store* disk, std::uint64_t random_seed, testing::test_setup setup,
           const std::function<void(cluster_settings&)>& adjust = {});
  ~sim_node();

  testing::test_node& actors() noexcept { return *node_; }
  cluster_layer& cluster() noexcept { return *layer_; }
  const cluster::node_identity& id() { return layer_->services().settings.self.id; }
  std::uint64_t view_no() { return layer_->services().view_no.load(); }
  bool fenced() { return node_->services().fenced(); }
  /// The machine was suspended for so long: its leases know of it, its timers do not.
  void slept(std::chrono::milliseconds how_long) { suspended_ += how_long; }

  /// Why it cannot be of the cluster, as it told its process; each time that it did.
  const std::vector<std::string>& refusals() const noexcept { return refusals_; }

  /// What the membership actor says of itself.
  std::map<std::string, std::string> describe_membership();

private:
  std::chrono::milliseconds suspended_{};
  std::unique_ptr<testing::test_node> node_; ///< ends before the layer that its actors lean on
  std::unique_ptr<cluster::peer_transport> transport_;
  std::unique_ptr<cluster::probe_transport> probes_;
  caf::intrusive_ptr<scheduler_strand> strand_;
  std::unique_ptr<cluster_layer> layer_;
  std::vector<std::string> refusals_;
};

class sim_world {
public:
  /// Nodes are named a, b, c …; the first `seeds` of them vote. None runs yet.
  sim_world(std::uint64_t random_seed, std::size_t nodes, std::size_t seeds,
            testing::test_setup setup = {}, network_weather weather = {});
  ~sim_world();

  void start(const std::string& name) { start(name, {}); }
  /// With settings that are not the fleet's.
  void start(const std::string& name, const std::function<void(cluster_settings&)>& adjust);
  void start_all();
  void kill(const std::string& name);
  /// As SIGSTOP: it loses `how_long`, the world does not.
  void pause(const std::string& name, std::chrono::milliseconds how_long);
  /// As a machine that is suspended: the same, but its clock stands still with it.
  void suspend(const std::string& name, std::chrono::milliseconds how_long) {
    pause(name, how_long);
    suspended_.insert(name);
  }
  /// Nothing gets to it or from it until `network().heal()`.
  void isolate(const std::string& name);

  /// Lets the world go on for so long.
  void run(std::chrono::milliseconds how_long);
  /// Until `condition` holds; false when it does not within `at_most`.
  template <class Condition>
  bool run_until(Condition&& condition, std::chrono::milliseconds at_most) {
    for (auto waited = std::chrono::milliseconds{0}; !condition(); waited += quantum) {
      if (waited >= at_most)
        return false;
      run(quantum);
    }
    return true;
  }

  bool runs(const std::string& name) const { return nodes_.contains(name); }
  bool paused(const std::string& name) const { return paused_until_.contains(name); }
  /// A frozen process reads nothing; the first thing it may do after that is to read.
  bool reads(const std::string& name) const {
    const auto paused = paused_until_.find(name);
    return paused == paused_until_.end() || paused->second <= now_ + quantum;
  }
  /// Since when it runs without a pause.
  std::chrono::milliseconds awake_since(const std::string& name) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(awake_since_.at(name));
  }
  /// Differs between two processes of one name.
  std::uint64_t life_of(const std::string& name) const { return lives_.at(name); }
  sim_node& node(const std::string& name) { return *nodes_.at(name); }
  sim_network& network() noexcept { return network_; }
  static std::string address_of(const std::string& name) { return name + ":7100"; }
  std::vector<std::string> running() const;
  std::chrono::milliseconds now() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_);
  }
  std::mt19937_64& random() noexcept { return random_; }

  /// True when all running nodes act by the same view, in which exactly they are up, and each shard
  /// is active on its owner.
  bool settled();

  static constexpr std::chrono::milliseconds quantum{5};

private:
  std::mt19937_64 random_;
  std::mt19937 choose_;
  testing::test_setup setup_;
  sim_network network_;
  instant now_{};
  std::vector<seed> all_;
  std::vector<seed> seeds_;
  std::uint64_t incarnations_ = 0;
  std::map<std::string, std::unique_ptr<consensus::memory_store>> disks_;
  std::map<std::string, std::unique_ptr<sim_node>> nodes_;
  std::map<std::string, instant> paused_until_;
  std::set<std::string> suspended_; ///< of those
  std::map<std::string, instant> awake_since_;
  std::map<std::string, std::uint64_t> lives_;
  std::map<std::string, instant> clocks_; ///< how far each node's own clock has come
};

} // namespace argosy::sim
