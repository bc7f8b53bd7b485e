#include "bench/bare_send.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace argosy::bench {

namespace {

constexpr std::uint32_t rounds_in_flight = 2;
constexpr double drain_timeout_s = 20;

/// Bytes that the draining process has received, in memory that both see.
using drained_bytes = std::atomic<std::uint64_t>;

double now_s(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

int require(int result, const char* what) {
  if (result < 0)
    throw std::system_error(errno, std::generic_category(), what);
  return result;
}

std::uint32_t within_descriptor_limit(std::uint32_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const auto room = limit.rlim_cur > 400 ? limit.rlim_cur - 200 : 200;
  return static_cast<std::uint32_t>(std::min<rlim_t>(connections, room));
}

/// The child: connects, then receives until it is killed.
[[noreturn]] void drain(const sockaddr_in& to, std::uint32_t connections, drained_bytes& drained) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int epoll = ::epoll_create1(0);
  for (std::uint32_t i = 0; i < connections; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      ::_exit(1);
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = fd}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
  std::array<epoll_event, 256> events{};
  static std::array<char, 64 * 1024> scratch;
  for (;;) {
    const int n = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < n; ++i) {
      const auto got = ::recv(events[static_cast<std::size_t>(i)].data.fd, scratch.data(),
                              scratch.size(), MSG_DONTWAIT);
      if (got > 0)
        drained.store(drained.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(got),
                      std::memory_order_relaxed);
    }
  }
}

void wait_until_drained(const drained_bytes& drained, std::uint64_t goal) {
  const timespec nap{.tv_sec = 0, .tv_nsec = 200'000};
  const auto deadline = now_s(CLOCK_MONOTONIC) + drain_timeout_s;
  while (drained.load(std::memory_order_relaxed) < goal) {
    if (now_s(CLOCK_MONOTONIC) > deadline)
      throw std::system_error(ETIMEDOUT, std::generic_category(),
                              "bare send: the drain stands still");
    ::nanosleep(&nap, nullptr);
  }
}

std::vector<int> accept_all(int listener, std::uint32_t connections) {
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::vector<int> sockets;
  for (std::uint32_t i = 0; i < connections; ++i) {
    const int fd =
        require(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK), "bare send: accept");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets.push_back(fd);
  }
  return sockets;
}

bare_send_result send_rounds(const std::vector<int>& sockets, std::string_view frame,
                             double seconds, const drained_bytes& drained) {
  bare_send_result result;
  std::vector<double> cpu_s;
  std::uint64_t goal = 0, before_last = 0;
  const auto begin = now_s(CLOCK_MONOTONIC);
  while (cpu_s.size() < 3 || now_s(CLOCK_MONOTONIC) - begin < seconds) {
    wait_until_drained(drained, before_last);
    before_last = goal;
    const auto from = now_s(CLOCK_THREAD_CPUTIME_ID);
    for (const int fd : sockets) {
      const auto sent = ::send(fd, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent == static_cast<ssize_t>(frame.size()))
        goal += frame.size();
      else
        ++result.refused;
    }
    cpu_s.push_back(now_s(CLOCK_THREAD_CPUTIME_ID) - from);
  }
  wait_until_drained(drained, goal);
  const auto sends = static_cast<double>(cpu_s.size() * sockets.size());
  result.rounds = static_cast<std::uint32_t>(cpu_s.size());
  result.sends_per_s = sends / (now_s(CLOCK_MONOTONIC) - begin);
  std::nth_element(cpu_s.begin(), cpu_s.begin() + static_cast<std::ptrdiff_t>(cpu_s.size() / 2),
                   cpu_s.end());
  result.ns_per_send = 1e9 * cpu_s[cpu_s.size() / 2] / static_cast<double>(sockets.size());
  return result;
}

} // namespace

bare_send_result run_bare_send(std::uint32_t connections, std::string_view frame, double seconds) {
  static_assert(rounds_in_flight == 2, "send_rounds waits for the round before the last");
  connections = within_descriptor_limit(connections);
  const int listener =
      require(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "bare send: socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  require(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), "bare send: bind");
  require(::listen(listener, 4096), "bare send: listen");
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);

  void* shared = ::mmap(nullptr, sizeof(drained_bytes), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& drained = *new (shared) drained_bytes{0};
  const pid_t child = require(::fork(), "bare send: fork");
  if (child == 0)
    drain(address, connections, drained);

  struct clean_up {
    pid_t child;
    int listener;
    std::vector<int> sockets;
    ~clean_up() {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
      ::close(listener);
      for (const int fd : sockets)
        ::close(fd);
    }
  } owned{child, listener, {}};
  owned.sockets = accept_all(listener, connections);
  auto result = send_rounds(owned.sockets, frame, seconds, drained);
  result.connections = connections;
  return result;
}

} // namespace argosy::bench
