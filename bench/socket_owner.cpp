#include "bench/socket_owner.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace argosy::bench {

std::optional<std::uint64_t> inode_of(std::uint16_t port, std::uint16_t peer) {
  std::ifstream table("/proc/net/tcp");
  return inode_in(std::string{std::istreambuf_iterator<char>(table), {}}, port, peer);
}

bool holds_socket(pid_t process, std::uint64_t inode) {
  namespace fs = std::filesystem;
  const auto wanted = fmt::format("socket:[{}]", inode);
  std::error_code gone; // threads and descriptors come and go while we look
  fs::directory_iterator task(fmt::format("/proc/{}/task", process), gone);
  for (; task != fs::directory_iterator(); task.increment(gone)) {
    std::error_code lost;
    fs::directory_iterator fd(task->path() / "fd", lost);
    for (; fd != fs::directory_iterator(); fd.increment(lost)) {
      std::error_code closed;
      if (fs::read_symlink(fd->path(), closed) == wanted)
        return true;
    }
  }
  return false;
}

std::optional<std::uint64_t> inode_in(std::string_view table, std::uint16_t port,
                                      std::uint16_t peer) {
  const auto local = fmt::format(":{:04X}", port), remote = fmt::format(":{:04X}", peer);
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string at, ours, theirs, skipped;
    fields >> at >> ours >> theirs;
    if (!ours.ends_with(local) || !theirs.ends_with(remote))
      continue;
    for (int i = 0; i < 6; ++i) // state, queues, timer, retransmits, user, timeout
      fields >> skipped;
    if (std::uint64_t inode = 0; fields >> inode && inode != 0)
      return inode;
  }
  return std::nullopt;
}

} // namespace argosy::bench
