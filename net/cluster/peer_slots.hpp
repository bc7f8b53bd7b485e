// peer_slots: which stream to a node counts, when several want to.
//
// Picture one berth per ship: BASP routes by node and cannot hold two streams to the same one (the
// second closes itself, or both do). So each node has one berth here, a newcomer takes it or is
// turned away, and a stream that lost its berth is `leaving` until BASP has let go of it.
//
// The node with the smaller name decides for both (preface.hpp); the other follows, but for a name
// clash, which either side may see. Pure: `now` is an argument.
#pragma once

#include "net/cluster/preface.hpp"
#include "runtime/peer_streams.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace argosy::net {

class peer_slots {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using peer_connection = cluster::peer_connection;

  struct newcomer {
    peer_connection connection = 0;
    std::string node;
    instance_id instance{};
    stream_token token{};
  };

  struct decision {
    verdict says = verdict::go;
    peer_connection evicted = 0; ///< to be ended, because the newcomer replaces it; 0 = none
  };

  /// True while another life of the newcomer's name is connected and speaks. One that has been
  /// silent for `silence_max` is taken for dead.
  bool clashes(const newcomer& n, time_point now) const;

  /// The deciding side. `held_by_peer` is the stream that the peer says it holds. With `go` the
  /// newcomer has the berth.
  decision decide(const newcomer& n, const stream_token& held_by_peer, time_point now);

  /// The other side, told `go`: the newcomer has the berth. Returns whom it replaces, or 0.
  peer_connection take(const newcomer& n, time_point now);

  /// What we hold with that node; zeros = nothing.
  stream_token held(const std::string& node) const;

  /// True once no earlier stream to that node is left, so that this one may be handed to BASP.
  bool clear(const std::string& node) const;

  /// Bytes came in.
  void heard(const std::string& node, peer_connection c, time_point now);

  /// The stream is at its end, but BASP may still know of it.
  void end(const std::string& node, peer_connection c);

  /// BASP knows nothing of it any more.
  void release(peer_connection c);

  static constexpr std::chrono::milliseconds silence_max{2500};

private:
  struct slot {
    peer_connection current = 0;
    instance_id instance{};
    stream_token token{};
    bool confirmed = false; ///< the peer has spoken on it, so it holds it, too
    time_point heard;
    std::vector<peer_connection> leaving;
  };

  std::map<std::string, slot> slots_;
};

} // namespace argosy::net
