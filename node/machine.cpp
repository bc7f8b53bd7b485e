#include "node/machine.hpp"

#include <liburing.h>

#include <fstream>
#include <sched.h>
#include <sstream>
#include <string_view>
#include <sys/mman.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace argosy {

namespace {

constexpr std::uint64_t descriptors_wanted = 1'048'576;

std::string sysctl(std::string name) {
  for (auto& c : name)
    c = c == '.' ? '/' : c;
  std::ifstream in{"/proc/sys/" + name};
  std::string line;
  std::getline(in, line);
  for (auto& c : line)
    c = c == '\t' ? ' ' : c;
  return line;
}

/// The whole numbers of a sysctl; empty when it is not there.
std::vector<std::uint64_t> numbers(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::uint64_t> out;
  for (std::uint64_t n = 0; in >> n;)
    out.push_back(n);
  return out;
}

finding graded(bool good, finding f) {
  f.state = good ? health::good : health::low;
  if (good)
    f.remedy.clear();
  return f;
}

void look_at_descriptors(std::vector<finding>& out) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  out.push_back(graded(limit.rlim_cur == limit.rlim_max || limit.rlim_cur >= descriptors_wanted,
                       {"nofile soft", std::to_string(limit.rlim_cur),
                        "open sockets per descriptor table; the node raises it to the hard limit",
                        "ulimit -n " + std::to_string(limit.rlim_max)}));
  out.push_back(graded(limit.rlim_max >= descriptors_wanted,
                       {"nofile hard", std::to_string(limit.rlim_max),
                        "the same, for good: beyond it the node needs more event loops with tables "
                        "of their own",
                        "LimitNOFILE=1048576 in the systemd unit, or docker run --ulimit "
                        "nofile=1048576"}));
  const auto files = sysctl("fs.file-max");
  const auto count = numbers(files);
  out.push_back(graded(
      !count.empty() && count[0] >= descriptors_wanted,
      {"fs.file-max", files, "open files of the whole machine", "sysctl -w fs.file-max=8388608"}));
}

/// One number of the kernel's that should be at least `wanted`.
void look_at(std::vector<finding>& out, const std::string& name, std::uint64_t wanted,
             const std::string& limits) {
  const auto value = sysctl(name);
  const auto all = numbers(value);
  out.push_back(graded(!all.empty() && all[0] >= wanted,
                       {name, value, limits, "sysctl -w " + name + "=" + std::to_string(wanted)}));
}

void look_at_network(std::vector<finding>& out) {
  look_at(out, "net.core.somaxconn", 4'096,
          "finished handshakes that wait for accept; caps net.backlog");
  look_at(out, "net.ipv4.tcp_max_syn_backlog", 4'096,
          "handshakes in progress before SYN cookies take over");
  const auto range = sysctl("net.ipv4.ip_local_port_range");
  const auto ports = numbers(range);
  out.push_back(graded(ports.size() == 2 && ports[1] - ports[0] >= 60'000,
                       {"net.ipv4.ip_local_port_range", range,
                        "connections that one load generator opens to one address and port (not "
                        "those of a server)",
                        "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"}));
  const auto pages = sysctl("net.ipv4.tcp_mem");
  const auto marks = numbers(pages);
  out.push_back(graded(marks.size() == 3 && marks[2] >= 1'048'576,
                       {"net.ipv4.tcp_mem", pages + " pages",
                        "memory of all socket buffers; one reader that has stopped can pin 4 MB",
                        "sysctl -w net.ipv4.tcp_mem='1048576 2097152 3145728'"}));
}

bool io_uring_works() {
  io_uring ring{};
  if (::io_uring_queue_init(8, &ring, 0) != 0)
    return false;
  ::io_uring_queue_exit(&ring);
  return true;
}

/// In a thread of its own: its table goes with it.
bool unshare_works() {
  bool works = false;
  std::thread{[&] { works = ::unshare(CLONE_FILES) == 0; }}.join();
  return works;
}

bool populate_works() {
  constexpr std::size_t bytes = 1 << 16;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  const bool works = ::madvise(memory, bytes, MADV_POPULATE_WRITE) == 0;
  ::munmap(memory, bytes);
  return works;
}

void look_for(std::vector<finding>& out, bool works, finding f) {
  f.value = works ? "yes" : "no";
  f.state = works ? health::good : health::absent;
  if (works)
    f.remedy.clear();
  out.push_back(std::move(f));
}

void look_at_features(std::vector<finding>& out) {
  look_for(out, io_uring_works(),
           {"io_uring", "", "broadcasts below the cost of one send each; without it: plain sends",
            "sysctl -w kernel.io_uring_disabled=0 (and a seccomp profile that lets it through)"});
  look_for(out, unshare_works(),
           {"unshare(CLONE_FILES)", "", "more sockets than nofile hard, by loops with own tables",
            "a seccomp profile that lets unshare through"});
  look_for(out, populate_works(),
           {"MADV_POPULATE_WRITE", "", "cheap first touch of connection memory",
            "a kernel of 5.14 or newer"});
}

void look_at_cores(std::vector<finding>& out) {
  const auto cores = std::thread::hardware_concurrency();
  out.push_back(graded(cores >= 2, {"cores", std::to_string(cores),
                                    "event loops and room threads that run at once",
                                    "give the machine or the container more cores"}));
  const auto bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES))
                     * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  out.push_back({"memory", std::to_string(bytes >> 20) + " MiB",
                 "connections: count on 3 KiB of ours and 4 KiB of the kernel's for each idle one",
                 "", health::good});
}

} // namespace

std::vector<finding> examine_machine() {
  std::vector<finding> out;
  look_at_cores(out);
  look_at_descriptors(out);
  look_at_network(out);
  look_at_features(out);
  return out;
}

} // namespace argosy
