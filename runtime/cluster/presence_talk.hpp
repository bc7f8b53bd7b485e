// presence_talk: what gateways and trackers say to each other about who is where.
//
// A gateway numbers what it says to a tracker: a delta names the number that it builds on, a
// snapshot says all there is as of a number, and a beat repeats number and digest, so that a
// tracker that has missed or lost something notices and asks. `gateway` is written in by the link
// that a message came over; empty = this node. Values.
#pragma once

#include "runtime/cluster/member.hpp"
#include "runtime/cluster/stable_hash.hpp"
#include "runtime/core/address.hpp"
#include "runtime/core/client_info.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace argosy {

struct presence_limits {
  std::chrono::milliseconds beat{5'000};
  std::chrono::milliseconds grace{10'000};  ///< for a gateway that nothing is heard of
  std::chrono::milliseconds linger{10'000}; ///< for a client that may come back
  std::uint32_t announced_max = 1'000;      ///< a larger room hears of no joins and leaves
};

enum class presence_verb : std::uint8_t {
  arrived,
  left,        ///< on purpose
  lost,        ///< the connection is gone; the person may come back, here or at another node
  interrupted, ///< the connection is here and will subscribe again
};

/// One change by the only writer of the entry, the gateway whose connection it is.
struct presence_change {
  address room;
  client_info_ptr info;
  presence_verb what = presence_verb::arrived;
  bool listed = true;     ///< counts, and stands in lists
  bool announced = false; ///< the room hears of its coming and going
};

/// The same for the same entries, in whatever order they came.
struct presence_digest {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;

  void add(const address& room, const client_info& who) noexcept {
    ++count;
    hash += of(room, who);
  }
  void take(const address& room, const client_info& who) noexcept {
    --count;
    hash -= of(room, who);
  }
  static std::uint64_t of(const address& room, const client_info& who) noexcept {
    return cluster::stable_hash(room.hash(), cluster::stable_hash(who.client.high, who.client.low));
  }
  friend bool operator==(const presence_digest&, const presence_digest&) = default;
};

/// What a gateway has gathered for one shard, in order.
struct presence_delta {
  cluster::node_identity gateway;
  std::uint64_t previous = 0; ///< what it builds on; 0 = the gateway had no entry here
  std::uint64_t sequence = 0; ///< 0 = not numbered: on a node alone nothing is lost
  std::vector<presence_change> changes;
};

/// A page of all that the gateway has here. It replaces what the tracker knew when all are there.
struct presence_snapshot {
  cluster::node_identity gateway;
  std::uint64_t sequence = 0;
  std::uint32_t page = 0; ///< from 0
  bool last = false;
  std::vector<presence_change> entries;
};

struct presence_beat {
  cluster::node_identity gateway;
  std::uint64_t sequence = 0;
  presence_digest holds;
};

/// From a tracker to a gateway: send a snapshot to whoever is the tracker of that address.
struct presence_wanted {
  address tracker;
};

/// From a tracker to its successor: those that may come back.
struct presence_left_over {
  std::vector<presence_change> lingering;
};

} // namespace argosy
