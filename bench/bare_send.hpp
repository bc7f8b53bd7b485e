// bare_send: the physical limit, which every ratio of the load generator refers to.
//
// A loop of send() over an array of sockets, with no server around it: the least that giving a
// frame to N clients can cost with one system call per client. A forked child drains the other ends
// the way the load generator's clients do (epoll, one recv into one scratch buffer per event). At
// most two rounds are in flight, as in the saturated phase of `fanout`, so that both meet the same
// sockets.
#pragma once

#include <cstdint>
#include <string_view>

namespace argosy::bench {

struct bare_send_result {
  std::uint32_t connections = 0;
  std::uint32_t rounds = 0;
  double ns_per_send = 0;    ///< CPU time of the sending thread, median of the rounds
  double sends_per_s = 0;    ///< by the wall clock, drained by the other side
  std::uint64_t refused = 0; ///< sends that the socket did not take whole
};

/// Opens `connections` loopback pairs (cut to what the descriptor limit allows) and sends `frame`
/// to all of them for `seconds`, at least three rounds. Throws std::system_error when it cannot.
bare_send_result run_bare_send(std::uint32_t connections, std::string_view frame, double seconds);

} // namespace argosy::bench
