// loop_strand: the strand of one socket loop. Its actors run on the thread that owns their sockets,
// between two waits of the loop, so a connection needs no lock and no hop between its mailbox and
// its socket.
#pragma once

#include "runtime/socket.hpp"
#include "runtime/strand.hpp"

namespace argosy {

class loop_strand final : public strand, public loop_work {
public:
  explicit loop_strand(socket_loop& loop) : loop_(loop) {}

  socket_loop& loop() const noexcept { return loop_; }

  bool run() override { return drain(messages_per_turn_max, nullptr); }

private:
  /// Sockets get their turn after so many messages.
  static constexpr std::size_t messages_per_turn_max = 256;

  void schedule() override { loop_.wake(); }

  socket_loop& loop_;
};

} // namespace argosy
