#include "tests/cluster_edge/peer_process.hpp"

#include "tests/cluster_edge/fixture.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace argosy::test {

peer_process::peer_process(const std::string& name, const std::string& papers) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execl("/proc/self/exe", "test_cluster_edge", "--peer", name.c_str(), papers.c_str(), nullptr);
    _exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  std::string text;
  for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';)
    text.push_back(c);
  ::close(out[0]);
  port_ = static_cast<std::uint16_t>(std::atoi(text.c_str()));
  if (port_ == 0)
    throw std::runtime_error("the peer process does not start");
}

peer_process::~peer_process() {
  ::close(input_);
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void peer_process::signal(int number) {
  ::kill(pid_, number);
}

int run_peer(const std::string& name, const std::string& papers) {
  basp_node node{papers == "-" ? insecure(name) : secured(name, papers)};
  std::map<cluster::peer_connection, std::uint64_t> bytes; // the owner's thread only
  node.heard.on_batch([&](const cluster::peer_received& r) {
    auto& sum = bytes[r.connection];
    const auto before = sum / acknowledged_bytes;
    sum += r.batch->size();
    if (sum / acknowledged_bytes != before)
      node.send(r.connection, std::to_string(sum / acknowledged_bytes * acknowledged_bytes));
  });
  std::printf("%u\n", unsigned{node.edge().port()});
  std::fflush(stdout);
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  node.heard.on_batch(nullptr);
  return 0;
}

} // namespace argosy::test
