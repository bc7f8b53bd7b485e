// options: what the person at `argosy bench` asked for.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace argosy::bench {

struct bench_options {
  std::string scenario = "fanout";
  std::uint32_t connections = 0; ///< 0: what suits the scenario
  double seconds = 5;            ///< of each measuring phase
  double timeout_s = 120;        ///< for connecting, and for each wait
  std::uint32_t payload_bytes = 128;
  std::uint32_t room_size = 10; ///< of `rooms` and `idle`; 1: a room for each
  std::uint32_t window = 2;     ///< publications in flight in the saturated phase of `fanout`
  double rate = 0; ///< publications a second in the paced phase; 0: half of what was found
  std::uint32_t processes = 1; ///< client processes at least
  std::string publish_by = "api";
  std::string name_space;          ///< channels are called NAMESPACE:bench-0 and so on
  double bare_seconds = 2;         ///< of the bare send() loop before and after; 0: leave it out
  std::vector<std::string> faults; ///< of `chaos`; none: all

  // the server under test
  std::string target = "argosy";
  std::string dialect = "json";
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::uint16_t tls_port = 0;
  pid_t pid = 0; ///< 0: its CPU and memory are not measured
  std::string api_key;
  std::string secret;

  // a node of our own
  bool self = false;
  std::vector<std::string> settings; ///< --set for that node

  bool json = false;
};

} // namespace argosy::bench
