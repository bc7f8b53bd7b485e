// The tests, or with `--peer` the node that some of them start.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/cluster_edge/peer_process.hpp"

#include <doctest/doctest.h>

#include <string_view>

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view{argv[1]} == "--peer")
    return argosy::test::run_peer(argv[2], argv[3]);
  return doctest::Context{argc, argv}.run();
}
