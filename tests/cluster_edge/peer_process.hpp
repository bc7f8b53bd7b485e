// peer_process: a node in a process of its own, to be killed, stopped and measured.
//
// It is this test program again, called as `--peer NAME DIRECTORY`: a node with the papers in
// DIRECTORY, or without TLS if that is "-". It tells its port, answers each MiB that it receives on
// a connection with the count of bytes so far, and ends with its standard input.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace argosy::test {

class peer_process {
public:
  peer_process(const std::string& name, const std::string& papers);
  ~peer_process();
  peer_process(const peer_process&) = delete;
  peer_process& operator=(const peer_process&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void signal(int number);

private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::uint16_t port_ = 0;
};

/// What the process does.
int run_peer(const std::string& name, const std::string& papers);

inline constexpr std::size_t acknowledged_bytes = 1U << 20U;

} // namespace argosy::test
