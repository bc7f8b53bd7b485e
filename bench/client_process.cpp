#include "bench/client_process.hpp"

#include "bench/board.hpp"
#include "bench/client_swarm.hpp"
#include "bench/target.hpp"

#include <cstdio>
#include <exception>
#include <sys/resource.h>

namespace argosy::bench {

namespace {

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

} // namespace

int run_client_process() noexcept try {
  raise_descriptor_limit();
  shared_board board{board_fd};
  const auto* server = find_target(board->plan.target.view());
  if (server == nullptr)
    return 2;
  client_swarm{*board, *server, wake_fd}.run();
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "bench client: %s\n", failure.what());
  return 1;
}

} // namespace argosy::bench
