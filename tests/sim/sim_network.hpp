// sim_network: the network between the nodes of a simulation, with everything that can go wrong.
//
// Behaves as TCP does: what goes over a connection arrives in order and whole, late or not at all;
// a cut is felt only by the silence, until the connection breaks after `break_after`. A process
// that was killed resets its connections and refuses new ones; one that is frozen neither answers
// nor refuses. Virtual time, one thread, all chance from one seed.
#pragma once

#include "runtime/peer_transport.hpp"
#include "runtime/probe_transport.hpp"

#include <caf/actor_control_block.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace argosy::sim {

using instant = std::chrono::microseconds; ///< since the start of the simulation

struct network_weather {
  instant delay_min{100};
  instant delay_max{2'000};
  instant break_after{8'000'000}; ///< a connection over which nothing gets through for so long
  bool datagrams = false;         ///< whether there are any: a cluster without a secret has none
  double datagram_loss = 0;
  double datagram_doubled = 0; ///< how many arrive twice
};

class sim_network {
public:
  sim_network(std::mt19937_64& random, network_weather weather)
      : random_(random), weather_(weather) {}

  /// The transport of the node that listens at `address`; it lives as long as the node's process.
  std::unique_ptr<cluster::peer_transport> plug_in(const std::string& address);

  /// Its datagrams: now and then lost, doubled, or overtaken by others. Null in weather without
  /// any.
  std::unique_ptr<cluster::probe_transport> light_lamp(const std::string& address);

  /// Delivers what is due by `now`.
  void advance(instant now);

  // -- faults -------------------------------------------------------------------------------------
  /// Nothing gets from `a` to `b` any more. Cuts add up: each wants its own `mend`.
  void cut(const std::string& a, const std::string& b) { ++cuts_[{a, b}]; }
  void mend(const std::string& a, const std::string& b) {
    if (const auto found = cuts_.find({a, b}); found != cuts_.end() && --found->second == 0)
      cuts_.erase(found);
  }
  /// All cuts and slow links are over.
  void heal();
  /// What goes over connections from `a` to `b` takes so much longer; zero = as before.
  void slow(const std::string& a, const std::string& b, instant by);
  /// Connections between the two are reset, as by a middlebox: what was under way is lost.
  void reset(const std::string& a, const std::string& b);
  void freeze(const std::string& a) { frozen_.insert(a); }
  void thaw(const std::string& a) { frozen_.erase(a); }
  /// Its process is gone: called by whoever destroys it, before its transport dies.
  void kill(const std::string& a);

  std::uint64_t batches() const noexcept { return batches_; }
  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint64_t datagrams() const noexcept { return datagrams_delivered_; }

private:
  class transport;
  class lamp;
  using id = cluster::peer_connection;

  struct parcel {
    instant due{};
    cluster::shared_bytes batch;
  };
  /// One end of a connection, as its owner sees it.
  struct end {
    std::string at;
    id number = 0;
    id other = 0;
    bool inbound = false;
    bool open = false;         ///< its owner was told
    std::deque<parcel> coming; ///< to this end, in order
    instant last_due{};
    instant stuck_since{-1};
  };

  void dial(const std::string& from, id number, const std::string& to);
  void send(id from, cluster::shared_bytes batch);
  void drop(id number, const std::string& why, bool refused);
  void tell_closed(const std::string& at, id number, const std::string& why, bool refused);
  bool passes(const std::string& a, const std::string& b) const;
  instant delay();

  std::mt19937_64& random_;
  network_weather weather_;
  instant now_{};
  id last_ = 0;
  std::map<std::string, transport*> plugs_;
  std::map<std::string, lamp*> lamps_;
  struct datagram {
    std::string from;
    std::string to;
    cluster::probe_note what;
  };
  std::multimap<instant, datagram> datagrams_;
  std::map<id, end> ends_;
  std::multimap<instant, std::pair<std::string, cluster::peer_closed>> closings_;
  std::multimap<instant, std::pair<std::string, std::pair<id, std::string>>> dials_;
  std::map<std::pair<std::string, std::string>, int> cuts_;
  std::map<std::pair<std::string, std::string>, instant> slow_;
  std::set<std::string> frozen_;
  std::uint64_t batches_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t datagrams_delivered_ = 0;
};

} // namespace argosy::sim
