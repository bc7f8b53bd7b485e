#include "bench/client_fleet.hpp"

#include "bench/child_process.hpp"
#include "bench/client_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace argosy::bench {

namespace {

constexpr std::chrono::seconds stop_patience{20};
constexpr std::uint32_t spare_descriptors = 200;
constexpr std::uint32_t source_addresses_per_process = 16;

std::uint32_t connections_per_process() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto most = std::min<rlim_t>(limit.rlim_max, 60'000);
  return static_cast<std::uint32_t>(std::max<rlim_t>(most, 2 * spare_descriptors))
         - spare_descriptors;
}

std::uint32_t round_up(std::uint32_t value, std::uint32_t step) {
  return step == 0 ? value : (value + step - 1) / step * step;
}

} // namespace

client_fleet::client_fleet(const client_plan& whole, std::uint32_t processes)
    : connections_(whole.connections) {
  const auto most =
      connections_per_process() / std::max(1U, whole.room_size) * std::max(1U, whole.room_size);
  const auto count = std::max(processes, (whole.connections + most - 1) / most);
  const auto share = round_up((whole.connections + count - 1) / count, whole.room_size);
  for (std::uint32_t first = 0; first < whole.connections; first += share) {
    auto part = whole;
    part.first_index = whole.first_index + first;
    part.connections = std::min(share, whole.connections - first);
    if (whole.source_address != 0)
      part.source_address =
          whole.source_address
          + static_cast<std::uint32_t>(members_.size()) * source_addresses_per_process;
    start(part);
  }
}

client_fleet::~client_fleet() {
  stop();
}

void client_fleet::start(const client_plan& part) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  member added{.board = shared_board(), .pid = -1, .wake = pipe[1]};
  added.board->plan = part;
  added.pid =
      spawn({own_binary(), "bench-client"}, {{added.board.fd(), board_fd}, {pipe[0], wake_fd}});
  ::close(pipe[0]);
  members_.push_back(std::move(added));
}

void client_fleet::order(phase now, std::uint32_t publishes_per_s) {
  const auto share = members_.empty() ? 0 : publishes_per_s / members_.size();
  for (auto& m : members_) {
    const auto rate = publishes_per_s == 0 ? 0 : std::max<std::uint64_t>(1, share);
    m.board->order.publishes_per_s.store(static_cast<std::uint32_t>(rate));
    m.board->order.now.store(now, std::memory_order_release);
    [[maybe_unused]] const auto written = ::write(m.wake, "!", 1);
  }
}

fleet_totals client_fleet::totals() const {
  fleet_totals sum;
  for (const auto& m : members_) {
    const auto& c = m.board->count;
    sum.attempted += c.attempted.load();
    sum.upgraded += c.upgraded.load();
    sum.ready += c.ready.load();
    sum.resumed += c.resumed.load();
    sum.failed += c.failed.load();
    sum.lost += c.lost.load();
    sum.reads += c.reads.load();
    sum.bytes += c.bytes.load();
    sum.deliveries += c.deliveries.load();
    sum.published += c.published.load();
    sum.cpu_ns += c.cpu_ns.load();
  }
  return sum;
}

latency_histogram client_fleet::latency_ns() const {
  latency_histogram sum;
  for (const auto& m : members_)
    sum += m.board->latency_ns.snapshot();
  return sum;
}

std::string client_fleet::complaint() const {
  for (const auto& m : members_)
    if (m.board->has_complaint.load(std::memory_order_acquire))
      return std::string(m.board->complaint.view());
  return {};
}

void client_fleet::check_alive() {
  for (auto& m : members_)
    if (m.pid > 0 && ::waitpid(m.pid, nullptr, WNOHANG) == m.pid) {
      m.pid = -1;
      throw std::runtime_error("a client process ended before its time");
    }
}

void client_fleet::stop() {
  for (auto& m : members_) {
    m.board->order.now.store(phase::stop, std::memory_order_release);
    ::close(m.wake);
  }
  for (auto& m : members_)
    if (m.pid > 0)
      reap(m.pid, stop_patience);
  members_.clear();
}

} // namespace argosy::bench
