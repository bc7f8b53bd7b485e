#include "bench/child_process.hpp"

#include <climits>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace argosy::bench {

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<inherited_fd>& inherited) {
  std::vector<char*> argv;
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0)
    throw std::system_error(errno, std::generic_category(), "fork");
  if (child > 0)
    return child;

  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(127);
  // First out of the way of the numbers to come, then into place.
  std::array<int, 8> aside{};
  for (std::size_t i = 0; i < inherited.size(); ++i)
    aside.at(i) = ::fcntl(inherited[i].first, F_DUPFD_CLOEXEC, 64);
  for (std::size_t i = 0; i < inherited.size(); ++i)
    ::dup2(aside.at(i), inherited[i].second);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

std::string own_binary() {
  std::array<char, PATH_MAX> path{};
  const auto n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (n <= 0)
    throw std::system_error(errno, std::generic_category(), "/proc/self/exe");
  return {path.data(), static_cast<std::size_t>(n)};
}

bool reap(pid_t child, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child)
      return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0)
      return false;
    if (std::chrono::steady_clock::now() > deadline)
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return false;
}

} // namespace argosy::bench
