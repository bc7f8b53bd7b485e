// peer_session: one connection to another node, from the first byte to the last.
//
// A coroutine reads like the life it leads: connect, shake hands, introduce oneself, wait until
// BASP has let go of an earlier stream to that node, then hand one end of a socket pair to the
// taker and pump. Until the peer's first byte of BASP a deadline runs; afterwards BASP's own
// heartbeats watch. Runs on the edge's thread; `figures` from any.
#pragma once

#include "net/cluster/edge_core.hpp"
#include "net/cluster/frame_guard.hpp"
#include "net/cluster/wire.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace argosy::net {

class peer_session : public std::enable_shared_from_this<peer_session> {
public:
  using peer_connection = cluster::peer_connection;

  /// A stranger at our door. `address` has been entered in `core.pending`.
  peer_session(edge_core& core, peer_connection number, tcp::socket socket, std::string address);

  /// Ours to dial.
  peer_session(edge_core& core, peer_connection number, std::string address);

  /// Ends with the stream. Keeps the session alive.
  asio::awaitable<void> run();

  void close(const std::string& why);
  void wake() { vacancy_.cancel(); }

  stream_figures figures() const;

private:
  // each returns false after `end`
  asio::awaitable<bool> open();
  asio::awaitable<bool> connect();
  asio::awaitable<bool> secure();
  asio::awaitable<bool> introduce();
  asio::awaitable<bool> hello_out();
  asio::awaitable<bool> hello_in();
  asio::awaitable<bool> decide();
  asio::awaitable<bool> follow();
  asio::awaitable<bool> wait_for_berth();
  asio::awaitable<bool> hand_over();

  asio::awaitable<bool> to_basp(std::string_view bytes);
  asio::awaitable<void> pump_in();
  asio::awaitable<void> pump_out();

  bool check_certificate();
  bool check_hello();
  bool handshake_failed();
  bool lost(const std::string& doing);
  bool alerted(int reason);
  bool end(refusal r, const std::string& why);
  bool concerns_people(refusal r) const noexcept;
  void settle();
  void came_in(std::string_view bytes);
  void finish();
  peer_slots::newcomer newcomer() const;
  std::string who() const;

  edge_core& core_;
  const peer_connection number_;
  const bool inbound_;
  const std::string address_;
  wire wire_;
  asio::local::stream_protocol::socket inner_; ///< our end of the pair
  asio::steady_timer deadline_;
  asio::steady_timer vacancy_; ///< never runs out; cancelled when a berth may be free
  frame_guard guard_;

  hello peer_;
  node_name certified_;
  std::string first_; ///< what came before there was a pair
  std::string why_;
  bool settled_ = false; ///< past the deadline's reach
  bool ended_ = false;
  bool unreachable_ = false; ///< nobody listens there
  bool turned_away_ = false; ///< they hung up before there was a stream
  bool berthed_ = false;
  bool opened_ = false;
  std::atomic<bool> figured_{false}; ///< `peer_` may be read by others
  std::atomic<std::uint64_t> bytes_in_{0};
  std::atomic<std::uint64_t> bytes_out_{0};
};

} // namespace argosy::net
