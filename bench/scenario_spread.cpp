// What does it cost that the listeners of a room are spread over several nodes? One room, the same
// number of listeners in all, on 1, 2, 4 and 8 nodes; and on two of four, since who does not listen
// should cost nothing.
#include "bench/chaos/fleet.hpp"
#include "bench/client_fleet.hpp"
#include "bench/process_stats.hpp"
#include "bench/publisher.hpp"
#include "bench/scenario.hpp"
#include "bench/self_node.hpp"
#include "bench/stamp.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>

namespace argosy::bench {

namespace {

constexpr double patience_s = 30;
constexpr std::string_view room = "bench-0";

void await(std::string_view what, const std::function<bool()>& done) {
  const auto deadline = monotonic_ns() + static_cast<std::uint64_t>(patience_s * 1e9);
  while (!done()) {
    if (monotonic_ns() > deadline)
      throw std::runtime_error(fmt::format("not so within {} s: {}", patience_s, what));
    const timespec nap{.tv_sec = 0, .tv_nsec = 1'000'000};
    ::nanosleep(&nap, nullptr);
  }
}

/// A fleet of so many nodes, the owner of the room first.
class spread_fleet {
public:
  spread_fleet(std::size_t count, const std::vector<std::string>& settings)
      : fleet_(io_, {.voters = count < 4 ? std::vector<std::string>{"a"}
                                         : std::vector<std::string>{"a", "b", "c"},
                     .settings = settings}) {
    for (std::size_t i = 0; i < count; ++i)
      names_.push_back(std::string(1, static_cast<char>('a' + i)));
    for (const auto& name : names_)
      fleet_.start(name);
    for (const auto& name : names_)
      await("node " + name + " starts", [&] { return fleet_.listening(name); });
    const std::set<std::string> all(names_.begin(), names_.end());
    await("the nodes become a fleet", [&] { return fleet_.agreed(all); });
    voice(0)->publish(stamped_payload(monotonic_ns(), 64));
    const auto owns = [&](const auto& name) {
      return fleet_.metric(name, "argosy_publications_total") > 0;
    };
    std::iter_swap(names_.begin(), std::find_if(names_.begin(), names_.end(), owns));
  }

  std::unique_ptr<publisher> voice(std::size_t node) const {
    return make_publisher({.server = find_target("argosy"),
                           .port = fleet_.port(names_[node]),
                           .room = std::string(room),
                           .api_key = {},
                           .secret = std::string(self_node::secret())},
                          true);
  }

  std::uint16_t port(std::size_t node) const { return fleet_.port(names_[node]); }
  std::uint64_t cpu(std::size_t node) const { return cpu_ns(fleet_.pid(names_[node])); }
  double of_owner(std::string_view metric) const { return fleet_.metric(names_[0], metric); }
  double sum(std::string_view metric) const {
    return std::accumulate(names_.begin(), names_.end(), 0.0, [&](double so_far, const auto& name) {
      return so_far + fleet_.metric(name, metric);
    });
  }

private:
  boost::asio::io_context io_; // nothing runs on it: nodes talk to each other without a proxy
  chaos::fleet fleet_;
  std::vector<std::string> names_;
};

using crowd = std::vector<std::unique_ptr<client_fleet>>;

crowd listeners_on(const spread_fleet& nodes, std::size_t interested, std::uint32_t connections) {
  crowd out;
  for (std::size_t node = 0; node < interested; ++node) {
    client_plan plan;
    plan.target.assign("argosy");
    plan.host.assign("127.0.0.1");
    plan.port = nodes.port(node);
    plan.room_prefix.assign(room.substr(0, room.size() - 1));
    plan.secret.assign(self_node::secret());
    plan.first_index = static_cast<std::uint32_t>(node) * connections;
    plan.connections = connections / static_cast<std::uint32_t>(interested);
    out.push_back(std::make_unique<client_fleet>(plan, 1));
  }
  for (const auto& f : out)
    await("all listeners are in", [&] {
      f->check_alive();
      return f->totals().ready == f->connections();
    });
  return out;
}

struct look {
  double bytes = 0, messages = 0, by_owner = 0; ///< of links, of all nodes and of the owner
  std::vector<std::uint64_t> cpu;
  std::vector<std::uint64_t> heard;
  std::uint64_t at_ns = 0;

  std::uint64_t deliveries() const { return std::accumulate(heard.begin(), heard.end(), 0ULL); }
};

look look_at(const spread_fleet& nodes, const crowd& people) {
  look l{nodes.sum("argosy_link_bytes_sent_total"),
         nodes.sum("argosy_link_envelopes_sent_total"),
         nodes.of_owner("argosy_link_envelopes_sent_total"),
         {},
         {},
         monotonic_ns()};
  for (std::size_t node = 0; node < people.size(); ++node) {
    l.cpu.push_back(nodes.cpu(node));
    l.heard.push_back(people[node]->totals().deliveries);
  }
  return l;
}

std::uint64_t size_of(const crowd& people) {
  return std::accumulate(people.begin(), people.end(), 0ULL,
                         [](auto n, const auto& f) { return n + f->connections(); });
}

std::uint64_t heard_by(const crowd& people) {
  return std::accumulate(people.begin(), people.end(), 0ULL,
                         [](auto n, const auto& f) { return n + f->totals().deliveries; });
}

/// Publishes through the owner's API for `options.seconds`, with a window; all is heard in the end.
std::uint64_t speak(const spread_fleet& nodes, const crowd& people, const bench_options& options) {
  const auto voice = nodes.voice(0);
  const auto members = size_of(people), before = heard_by(people);
  const auto end = monotonic_ns() + static_cast<std::uint64_t>(options.seconds * 1e9);
  std::uint64_t published = 0;
  while (monotonic_ns() < end) {
    voice->publish(stamped_payload(monotonic_ns(), options.payload_bytes));
    ++published;
    await("listeners hear", [&] {
      return heard_by(people) - before + options.window * members > published * members;
    });
  }
  await("all have heard all", [&] { return heard_by(people) - before >= published * members; });
  return published;
}

struct looks {
  look quiet, from, to; ///< a second of rest lies between the first two
  std::uint64_t published = 0;

  /// What grew by each publication, beyond what grows at rest.
  double each(double look::*figure) const {
    const auto seconds = static_cast<double>(to.at_ns - from.at_ns);
    const auto rest = static_cast<double>(from.at_ns - quiet.at_ns);
    const auto idle = (from.*figure - quiet.*figure) / rest * seconds;
    return std::max(0.0, to.*figure - from.*figure - idle) / static_cast<double>(published);
  }
  double cpu(std::size_t node) const { return static_cast<double>(to.cpu[node] - from.cpu[node]); }
  double heard(std::size_t node) const {
    return static_cast<double>(to.heard[node] - from.heard[node]);
  }
};

void tell(const looks& l, const std::string& name, bench_report& report) {
  const auto note = [&](std::string_view figure, double value) {
    report.detail(name + "_" + std::string(figure), value);
  };
  note("link_bytes_per_publication", l.each(&look::bytes));
  note("link_messages_per_publication", l.each(&look::messages));
  note("owner_messages_per_publication", l.each(&look::by_owner));
  double spent = l.cpu(0), heard = l.heard(0), at_gateways = 0, heard_there = 0;
  for (std::size_t node = 1; node < l.to.cpu.size(); ++node) {
    at_gateways += l.cpu(node);
    heard_there += l.heard(node);
  }
  note("owner_cpu_ns_per_delivery", spent / heard);
  if (heard_there > 0)
    note("gateway_cpu_ns_per_delivery", at_gateways / heard_there);
  note("cpu_ns_per_delivery", (spent + at_gateways) / (heard + heard_there));
  note("publications", static_cast<double>(l.published));
}

void measure(std::size_t count, std::size_t interested, const bench_options& options,
             bench_report& report) {
  const auto name = count == interested ? fmt::format("nodes_{}", count)
                                        : fmt::format("nodes_{}_of_{}", interested, count);
  fmt::print(stderr, "spread: {}\n", name);
  const spread_fleet nodes(count, options.settings);
  const auto people = listeners_on(nodes, interested, options.connections);
  for (const auto& f : people)
    f->order(phase::hold);
  looks l;
  l.quiet = look_at(nodes, people);
  const auto rested = monotonic_ns() + 1'000'000'000;
  await("a second of rest", [&] { return monotonic_ns() >= rested; });
  l.from = look_at(nodes, people);
  l.published = speak(nodes, people, options);
  l.to = look_at(nodes, people);
  tell(l, name, report);
}

} // namespace

bench_report run_spread(const bench_options& given) {
  if (!given.self)
    throw std::runtime_error("spread measures fleets of several sizes, so it starts its own; add "
                             "--self");
  auto options = given;
  options.connections = given.connections != 0 ? given.connections : 1'600;
  bench_report report{.scenario = "spread", .server = "fleets of 1, 2, 4 and 8 nodes"};
  report.connections = options.connections;
  for (const std::size_t count : {1, 2, 4, 8})
    measure(count, count, options, report);
  measure(4, 2, options, report);
  return report;
}

} // namespace argosy::bench
