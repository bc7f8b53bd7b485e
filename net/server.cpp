#include "net/server.hpp"

#include <algorithm>
#include <future>
#include <limits>
#include <sys/resource.h>
#include <thread>
#include <utility>

namespace argosy::net {

namespace {

// Descriptors of a table that are not sockets: log and store files, links to other nodes, and the
// few of each loop.
constexpr std::uint64_t descriptors_kept_back = 1500;
constexpr std::uint64_t descriptors_kept_back_min_share =
    4; // never more than a quarter of the limit

// With a limit from here on, one descriptor table for all loops is enough for a default.
constexpr std::uint64_t one_table_is_plenty = 100'000;

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::uint32_t cores() {
  return std::max(1U, std::thread::hardware_concurrency());
}

// ThreadSanitizer takes a descriptor of one table for that of the same number in another.
#ifdef __SANITIZE_THREAD__
constexpr bool tables_may_be_private = false;
#else
constexpr bool tables_may_be_private = true;
#endif

} // namespace

loop_plan plan_loops(const settings& s, std::uint32_t cores, std::uint64_t descriptors_max) {
  const auto kept_back =
      std::min(descriptors_kept_back, descriptors_max / descriptors_kept_back_min_share);
  const auto usable = std::max<std::uint64_t>(descriptors_max - kept_back, 1);
  loop_plan plan;
  plan.connections_max = s.connections_max;
  if (s.connections_max == 0) {
    // More loops than cores cost a wake-up each: beyond that, the operator must ask.
    const auto tables = usable < one_table_is_plenty ? cores : 1U;
    plan.connections_max = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(usable * tables, std::numeric_limits<std::uint32_t>::max()));
  }
  const auto demanded = (plan.connections_max + usable - 1) / usable;
  plan.private_descriptors = s.force_private_descriptors || demanded > 1;
  plan.loops = s.loops != 0 ? s.loops : std::max(cores, static_cast<std::uint32_t>(demanded));
  return plan;
}

server::server(settings s, socket_gateway& gateway, http_service* http)
    : echo_{s.compression}, group_{std::move(s), gateway, http, &echo_, {}, false, {}, {}} {
  const auto plan = plan_loops(group_.config, cores(), raise_descriptor_limit());
  group_.private_descriptors = group_.config.force_private_descriptors
                               || (tables_may_be_private && plan.private_descriptors);
  group_.config.connections_max = plan.connections_max;
  for (std::uint32_t i = 0; i < plan.loops; ++i)
    loops_.push_back(std::make_unique<event_loop>(group_, i));
}

server::~server() {
  stop();
}

std::string server::check() const {
  const auto& s = group_.config;
  if (s.endpoints.empty())
    return "there is no endpoint to listen on; name at least one address and port";
  if (s.pong_timeout >= s.ping_interval)
    return "the pong timeout (" + std::to_string(s.pong_timeout.count())
           + " ms) must be shorter than the ping interval ("
           + std::to_string(s.ping_interval.count()) + " ms)";
  return {};
}

std::string server::start() {
  if (auto wrong = check(); !wrong.empty())
    return wrong;
  const auto& endpoints = group_.config.endpoints;
  if (std::any_of(endpoints.begin(), endpoints.end(), [](const auto& e) { return e.tls; })) {
    group_.tls.emplace(group_.config.tls_certificate_file, group_.config.tls_key_file);
    if (auto wrong = group_.tls->reload(); !wrong.empty())
      return wrong;
  }
  std::vector<descriptor> held;
  if (auto wrong = reserve_ports(held); !wrong.empty())
    return wrong;
  std::vector<std::future<std::string>> ready;
  for (auto& loop : loops_) {
    auto promise = std::make_shared<std::promise<std::string>>();
    ready.push_back(promise->get_future());
    threads_.emplace_back([&loop = *loop, &endpoints, promise] {
      loop.run(endpoints, [promise](std::string error) { promise->set_value(std::move(error)); });
    });
  }
  std::string error;
  for (auto& r : ready)
    if (auto wrong = r.get(); !wrong.empty())
      error = std::move(wrong);
  if (!error.empty())
    stop();
  return error;
}

// The first bind picks the ports and finds out whether they are free; it is held until every loop
// has bound its own listener to the same one.
std::string server::reserve_ports(std::vector<descriptor>& held) {
  for (auto& e : group_.config.endpoints) {
    auto reserved = reserve(e);
    if (!reserved.socket)
      return reserved.error;
    e.port = port_of(reserved.socket);
    held.push_back(std::move(reserved.socket));
  }
  return {};
}

std::string server::reload_tls() {
  return group_.tls ? group_.tls->reload()
                    : std::string{"no endpoint uses TLS, so there is nothing to reload"};
}

void server::stop_accepting() {
  for (auto& loop : loops_)
    loop->stop_accepting();
}

void server::stop() {
  for (auto& loop : loops_)
    loop->stop();
  for (auto& t : threads_)
    t.join();
  threads_.clear();
}

} // namespace argosy::net
