// fake_loop: a socket loop without sockets. What is sent is kept as text; time moves when the test
// says so.
#pragma once

#include "runtime/socket.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace argosy::testing {

class fake_loop final : public socket_loop {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct peer {
    std::vector<std::string> received; ///< payloads, oldest first
    std::optional<std::uint16_t> close_code;
    socket_handler* handler = nullptr;
    bool full = false; ///< the peer does not read and its queue is over the limit
  };

  peer& at(socket_id id) { return peers_[id.slot]; }

  /// Moves time on and fires what is due.
  void advance(std::chrono::milliseconds by);

  /// As the real loop does at the end of a turn: closed sockets are told.
  void finish_closes();

  // socket_loop
  send_result send(socket_id socket, lane in, const frame& f, std::uint64_t key) override;
  void close(socket_id socket, std::uint16_t code, std::string_view reason) override;
  void call_later(socket_id socket, std::chrono::milliseconds delay, std::uint32_t tag) override;
  std::size_t queued_bytes(socket_id) const override { return 0; }
  std::string peer_address(socket_id) const override { return "127.0.0.1"; }
  void for_each_handler(const std::function<void(socket_handler&)>& visit) override {
    for (auto& [slot, one] : peers_)
      if (one.handler != nullptr)
        visit(*one.handler);
  }
  std::uint32_t index() const noexcept override { return 0; }
  time_point now() const noexcept override { return now_; }
  void wake() noexcept override {}
  void post(std::function<void()> task) override { task(); }

private:
  struct timer {
    socket_id socket;
    std::uint32_t tag;
  };
  std::map<std::uint32_t, peer> peers_;
  std::multimap<time_point, timer> timers_;
  std::vector<std::uint32_t> closing_;
  time_point now_ = std::chrono::steady_clock::now();
};

} // namespace argosy::testing
