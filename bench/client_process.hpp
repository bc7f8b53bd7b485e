// client_process: the body of `argosy bench-client`, the hidden command that the controller runs
// several times so that the clients of one run need not fit under one descriptor limit.
#pragma once

namespace argosy::bench {

/// Descriptors that a client process inherits.
constexpr int board_fd = 3;
constexpr int wake_fd = 4;

/// Runs the swarm that the board describes until it is told to stop. The process's exit code.
int run_client_process() noexcept;

} // namespace argosy::bench
