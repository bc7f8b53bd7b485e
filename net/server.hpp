// server: all loops of a node, started and stopped together.
//
// With enough descriptors there is one loop a core and one descriptor table. Where the limit is
// below `connections_max` there are as many loops as it takes, each with a private table
// (unshare(CLONE_FILES), no privilege needed): the limit counts for each table.
#pragma once

#include "net/echo.hpp"
#include "net/event_loop.hpp"
#include "net/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace argosy::net {

/// How many loops to run, and whether each needs a private descriptor table.
struct loop_plan {
  std::uint32_t loops = 1;
  bool private_descriptors = false;
  std::uint32_t connections_max = 0; ///< as asked, or what the plan can hold
};
loop_plan plan_loops(const settings& s, std::uint32_t cores, std::uint64_t descriptors_max);

class server {
public:
  /// Makes the loops; nothing runs yet. `gateway` and `http` outlive the server.
  server(settings s, socket_gateway& gateway, http_service* http = nullptr);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  std::uint32_t loop_count() const noexcept { return static_cast<std::uint32_t>(loops_.size()); }
  socket_loop& loop(std::uint32_t index) noexcept { return *loops_[index]; }
  const loop_stats& stats(std::uint32_t index) const noexcept { return loops_[index]->stats(); }

  /// Before `start`: what loop `index` runs besides its sockets.
  void attach(std::uint32_t index, loop_work& work) { loops_[index]->attach(&work); }

  /// Opens all endpoints on all loops. Returns "" or a sentence that names what is wrong and the
  /// remedy; then nothing runs.
  [[nodiscard]] std::string start();

  /// The port of endpoint `index`, after `start`.
  std::uint16_t port(std::size_t index = 0) const { return group_.config.endpoints.at(index).port; }

  /// Open WebSockets that negotiated permessage-deflate: while 0, encoders need no compressed twin.
  /// Any thread.
  std::uint32_t deflate_connections() const noexcept {
    return group_.deflate_connections.load(std::memory_order_relaxed);
  }

  /// Reads certificate and key again. "" or a sentence; then the old ones stay. Any thread.
  [[nodiscard]] std::string reload_tls();

  /// Closes the listeners; open sockets stay.
  void stop_accepting();

  /// Ends all sockets, every handler gets its `on_closed`, and joins the loops. Idempotent.
  void stop();

private:
  std::string check() const;
  std::string reserve_ports(std::vector<descriptor>& held);

  echo_gateway echo_;
  loop_group group_;
  std::vector<std::unique_ptr<event_loop>> loops_;
  std::vector<std::thread> threads_;
};

} // namespace argosy::net
