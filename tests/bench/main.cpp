// The test program is also its own client process: client_fleet starts the running binary again.
#define DOCTEST_CONFIG_IMPLEMENT
#include "bench/client_process.hpp"

#include <doctest/doctest.h>

#include <string_view>

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "bench-client")
    return argosy::bench::run_client_process();
  return doctest::Context(argc, argv).run();
}
