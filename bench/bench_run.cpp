#include "bench/bench_run.hpp"

#include "bench/process_stats.hpp"
#include "bench/stamp.hpp"

#include <arpa/inet.h>
#include <ctime>
#include <fmt/format.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace argosy::bench {

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint32_t first_source = 0x7F001001; // 127.0.16.1: 16 addresses per client process

void nap(long ns) {
  const timespec pause{.tv_sec = 0, .tv_nsec = ns};
  ::nanosleep(&pause, nullptr);
}

/// Sockets of the node beyond the clients: publishers, and clients that come twice.
constexpr std::size_t room_to_spare = 1000;

/// More than any scenario opens unless told; fits a loop a core.
constexpr std::uint32_t usual_connections_max = 15'000;

} // namespace

bench_run::bench_run(bench_options options, bool tls)
    : options_(std::move(options)), tls_(tls), server_(find_target(options_.target)),
      began_ns_(monotonic_ns()) {
  if (server_ == nullptr)
    throw std::runtime_error("--target " + options_.target + ": there is no such server; known are "
                             + target_names());
  if (how() == dialect::capnp && !server_->has_capnp)
    throw std::runtime_error("--dialect capnp: --target " + options_.target
                             + " does not speak it; leave one of the two out");
  if (options_.self) {
    auto settings = options_.settings; // those of the command line come last and win
    const auto clients = connections_or(usual_connections_max);
    settings.insert(settings.begin(),
                    "net.connections_max=" + std::to_string(clients + room_to_spare));
    if (options_.target == "echo")
      settings.insert(settings.begin(), "net.echo=true");
    node_.emplace(settings, tls);
    options_.port = node_->http_port();
    options_.tls_port = node_->tls_port();
    options_.secret = self_node::secret();
    options_.pid = node_->pid();
  }
  if (tls && options_.tls_port == 0)
    throw std::runtime_error("the tls scenario needs --tls-port, or --self");
  pid_ = options_.pid;
  if (pid_ > 0 && process_tree(pid_).empty())
    throw std::runtime_error(fmt::format("--pid {}: there is no such process", pid_));
  shown_ns_ = monotonic_ns();
}

std::uint32_t bench_run::connections_or(std::uint32_t usual) const noexcept {
  return options_.connections != 0 ? options_.connections : usual;
}

client_plan bench_run::plan(std::uint32_t connections) const {
  client_plan plan;
  plan.target.assign(options_.target);
  plan.how = how();
  plan.host.assign(options_.host);
  plan.port = tls_ ? options_.tls_port : options_.port;
  plan.tls = tls_;
  const auto first = room();
  plan.room_prefix.assign(std::string_view(first).substr(0, first.size() - 1));
  plan.secret.assign(options_.secret);
  plan.connections = connections;
  plan.payload_bytes = options_.payload_bytes;
  in_addr host{};
  const bool loopback =
      ::inet_pton(AF_INET, options_.host.c_str(), &host) == 1 && (ntohl(host.s_addr) >> 24) == 127;
  plan.source_address = loopback ? first_source : 0;
  return plan;
}

std::unique_ptr<publisher> bench_run::make_publisher() const {
  return bench::make_publisher({.server = server_,
                                .how = how(),
                                .host = options_.host,
                                .port = options_.port,
                                .room = room(),
                                .api_key = options_.api_key,
                                .secret = options_.secret},
                               options_.publish_by == "api");
}

dialect bench_run::how() const noexcept {
  return options_.dialect == "capnp" ? dialect::capnp : dialect::json;
}

std::string bench_run::room() const {
  return (options_.name_space.empty() ? "" : options_.name_space + ":") + "bench-0";
}

std::uint64_t bench_run::server_cpu_ns() const {
  return sees_server() ? cpu_ns(pid_) : 0;
}

std::uint64_t bench_run::server_bytes() const {
  return sees_server() ? resident_bytes(pid_) : 0;
}

// -- waiting --------------------------------------------------------------------------------------

void bench_run::progress(client_fleet* fleet, std::string_view label) {
  const auto now = monotonic_ns();
  if (now - shown_ns_ >= second_ns) {
    const auto totals = fleet != nullptr ? fleet->totals() : shown_;
    const auto seconds = static_cast<double>(now - shown_ns_) / 1e9;
    const auto rate = static_cast<double>(totals.deliveries - shown_.deliveries) / seconds;
    fmt::print(stderr, "[{:6.1f} s] {}: {} ready, {} failed, {} lost, {:.0f} deliveries/s\n",
               static_cast<double>(now - began_ns_) / 1e9, label, totals.ready, totals.failed,
               totals.lost, rate < 0 ? 0 : rate);
    shown_ = totals;
    shown_ns_ = now;
    if (fleet != nullptr)
      fleet->check_alive();
  }
}

void bench_run::tick(client_fleet* fleet, std::string_view label) {
  progress(fleet, label);
  nap(200'000);
}

bool bench_run::wait(client_fleet& fleet, std::string_view label, double seconds,
                     const std::function<bool()>& done) {
  const auto deadline = monotonic_ns() + static_cast<std::uint64_t>(seconds * 1e9);
  while (!done()) {
    if (monotonic_ns() > deadline)
      return false;
    tick(&fleet, label);
  }
  return true;
}

void bench_run::await_ready(client_fleet& fleet, bench_report& report) {
  shown_ = {};
  const bool in_time = wait(fleet, "connecting", options_.timeout_s, [&] {
    nap(2'000'000); // connecting is no time to compete for the processor
    const auto t = fleet.totals();
    return t.ready + t.failed >= fleet.connections();
  });
  const auto totals = fleet.totals();
  report.connections = totals.ready;
  report.errors += totals.failed;
  if (totals.failed != 0)
    report.notes.push_back(
        fmt::format("{} connections failed; the first: {}", totals.failed, fleet.complaint()));
  if (!in_time)
    throw std::runtime_error(fmt::format("only {} of {} clients were ready after {} s. {}",
                                         totals.ready, fleet.connections(), options_.timeout_s,
                                         fleet.complaint()));
  if (totals.ready == 0)
    throw std::runtime_error("no client got in: " + fleet.complaint());
}

void bench_run::await_deliveries(client_fleet& fleet, const std::function<std::uint64_t()>& owed,
                                 bench_report& report) {
  constexpr auto patience_ns = 5 * second_ns;
  auto totals = fleet.totals();
  auto last_arrival_ns = monotonic_ns();
  while (totals.deliveries < owed()) {
    tick(&fleet, "collecting");
    const auto now = fleet.totals();
    if (now.deliveries != totals.deliveries)
      last_arrival_ns = monotonic_ns();
    totals = now;
    if (totals.lost < totals.ready && monotonic_ns() - last_arrival_ns < patience_ns)
      continue;
    report.errors += owed() - totals.deliveries;
    report.notes.push_back(
        fmt::format("{} deliveries never came. {}", owed() - totals.deliveries, fleet.complaint()));
    return;
  }
}

void bench_run::settle(client_fleet* fleet) {
  constexpr std::uint64_t window_ns = 300'000'000;
  const auto deadline = monotonic_ns() + 10 * second_ns;
  auto from_ns = monotonic_ns();
  auto from_cpu = server_cpu_ns();
  while (monotonic_ns() < deadline) {
    nap(20'000'000);
    tick(fleet, "settling");
    if (monotonic_ns() - from_ns < window_ns)
      continue;
    const auto cpu = server_cpu_ns();
    if (cpu - from_cpu < window_ns / 100)
      return;
    from_cpu = cpu;
    from_ns = monotonic_ns();
  }
}

} // namespace argosy::bench
