#include "bench/process_stats.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace argosy::bench {

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string proc_file(pid_t pid, std::string_view name) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(name);
}

std::optional<std::uint64_t> number(std::string_view text) {
  const auto begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos)
    return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return value;
}

bool is_socket_cache(std::string_view name) {
  constexpr std::array caches{"TCP",
                              "TCPv6",
                              "sock_inode_cache",
                              "filp",
                              "dentry",
                              "eventpoll_epi",
                              "eventpoll_pwq",
                              "ep_head",
                              "lsm_file_cache",
                              "lsm_inode_cache",
                              "skbuff_head_cache",
                              "skbuff_small_head",
                              "request_sock_TCP"};
  return std::find(caches.begin(), caches.end(), name) != caches.end();
}

} // namespace

std::vector<pid_t> process_tree(pid_t root) {
  std::vector<pid_t> found;
  if (root <= 0 || ::access(proc_file(root, "stat").c_str(), R_OK) != 0)
    return found;
  found.push_back(root);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto pid = found[i];
    std::istringstream children(
        contents(proc_file(pid, "task/" + std::to_string(pid) + "/children")));
    found.insert(found.end(), std::istream_iterator<pid_t>(children), {});
  }
  return found;
}

std::uint64_t cpu_ns(pid_t root) {
  std::uint64_t total = 0;
  for (const auto pid : process_tree(root)) {
    clockid_t clock{};
    timespec spent{};
    if (::clock_getcpuclockid(pid, &clock) == 0 && ::clock_gettime(clock, &spent) == 0)
      total += static_cast<std::uint64_t>(spent.tv_sec) * 1'000'000'000U
               + static_cast<std::uint64_t>(spent.tv_nsec);
  }
  return total;
}

std::uint64_t resident_bytes(pid_t root) {
  const auto tree = process_tree(root);
  std::uint64_t total = 0;
  for (const auto pid : tree) {
    const auto rollup = contents(proc_file(pid, "smaps_rollup"));
    if (tree.size() == 1)
      return kilobyte_field(rollup, "Rss").value_or(0);
    total += kilobyte_field(rollup, "Pss_Anon").value_or(0)
             + kilobyte_field(rollup, "Pss_Shmem").value_or(0);
  }
  return total;
}

std::uint64_t socket_kernel_bytes() {
  const auto slabinfo = contents("/proc/slabinfo");
  const auto slabs = slabinfo.empty()
                         ? kilobyte_field(contents("/proc/meminfo"), "Slab").value_or(0)
                         : socket_slab_bytes(slabinfo);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return slabs + tcp_buffer_pages(contents("/proc/net/sockstat")) * page;
}

unsigned usable_cpus() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
}

// -- parsers --------------------------------------------------------------------------------------

std::optional<std::uint64_t> kilobyte_field(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with(key) && line.substr(key.size()).starts_with(":"))
      if (const auto value = number(line.substr(key.size())))
        return *value * 1024;
  }
  return std::nullopt;
}

std::uint64_t socket_slab_bytes(std::string_view slabinfo) {
  std::istringstream lines{std::string(slabinfo)};
  std::string line, name;
  std::uint64_t total = 0;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::uint64_t active = 0, objects = 0, size = 0;
    if (fields >> name >> active >> objects >> size && is_socket_cache(name))
      total += active * size;
  }
  return total;
}

std::uint64_t tcp_buffer_pages(std::string_view sockstat) {
  const auto tcp = sockstat.find("TCP:");
  if (tcp == std::string_view::npos)
    return 0;
  const auto line = sockstat.substr(tcp, sockstat.substr(tcp).find('\n'));
  const auto mem = line.find(" mem ");
  return mem == std::string_view::npos ? 0 : number(line.substr(mem)).value_or(0);
}

} // namespace argosy::bench
