// gateway: the node's door. Says who may enter, picks the dialect, and gives each open socket its
// connection actor.
//
// Not an actor: it is asked from inside the accept path of every loop, so it answers by plain
// calls. What all loops share (how many come from where) sits behind one lock per slice of
// addresses.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/loop_strand.hpp"
#include "runtime/socket.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace argosy {

struct admission_limits {
  std::uint32_t connections_per_ip_max = 0; ///< 0 = no cap
  token_rate connects_per_ip{0, 0};         ///< new sockets a second from one address
  std::vector<std::string> allowed_origins; ///< exact or with `*`; empty = any
};

class gateway final : public socket_gateway {
public:
  gateway(node_services& services, admission_limits limits)
      : node_(services), limits_(std::move(limits)) {}

  /// The strands of the loops, by loop; before the first socket.
  void serve(std::vector<loop_strand*> strands) { strands_ = std::move(strands); }

  /// From now on upgrades are refused with 503 and Retry-After, as on a node that is fenced.
  void start_draining() noexcept { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }

  // socket_gateway; any loop
  bool may_enter(std::string_view peer_address) override;
  void left(std::string_view peer_address) override;
  verdict judge(const upgrade_request& request) override;
  socket_handler* open(socket_loop& loop, socket_id socket, const upgrade_request& request,
                       std::string_view subprotocol) override;

private:
  struct visitor {
    std::uint32_t open = 0;
    token_bucket connects;
  };
  struct slice {
    std::mutex mutex;
    std::unordered_map<std::string, visitor> visitors;
  };
  static constexpr std::size_t slice_count = 64;
  bool counts_visitors() const noexcept {
    return limits_.connections_per_ip_max > 0 || limits_.connects_per_ip.per_second > 0;
  }
  slice& slice_of(std::string_view peer) {
    return visitors_[std::hash<std::string_view>{}(peer) % slice_count];
  }
  bool origin_allowed(std::string_view origin) const;
  std::string_view why_closed() const; ///< a sentence for whoever knocks; "" = it is open

  node_services& node_;
  admission_limits limits_;
  std::vector<loop_strand*> strands_;
  std::atomic<bool> draining_{false};
  std::array<slice, slice_count> visitors_;
};

} // namespace argosy
