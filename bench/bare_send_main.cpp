// bare_send: a program of its own around the function that `argosy bench` calls, for a look without
// a server.
#include "bench/bare_send.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

int main(int argc, char** argv) try {
  const auto connections = argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : 10'000U;
  const auto bytes = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : std::size_t{200};
  const auto result = argosy::bench::run_bare_send(connections, std::string(bytes, 'x'),
                                                   argc > 3 ? std::atof(argv[3]) : 3);
  std::printf("%u connections, %u rounds of %zu bytes: %.0f ns of CPU per send, %.0f sends/s, %llu "
              "refused\n",
              result.connections, result.rounds, bytes, result.ns_per_send, result.sends_per_s,
              static_cast<unsigned long long>(result.refused));
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "bare_send [connections] [bytes] [seconds]: %s\n", failure.what());
  return 1;
}
