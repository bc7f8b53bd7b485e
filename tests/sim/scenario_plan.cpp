#include "tests/sim/scenario_plan.hpp"

#include <algorithm>
#include <array>

namespace argosy::sim {

namespace {

using ms = std::chrono::milliseconds;

class planner {
public:
  explicit planner(std::uint64_t seed) : random_(seed * 0x9E3779B97F4A7C15ULL + 1) {
    plan_.seed = seed;
    plan_.rough = static_cast<roughness>(seed % 4);
  }

  scenario_plan made() {
    choose_fleet();
    choose_clients();
    choose_faults();
    choose_what_came_later();
    return std::move(plan_);
  }

private:
  std::size_t up_to(std::size_t most) { return random_() % (most + 1); }
  ms between(std::int64_t low, std::int64_t high) {
    return ms{low
              + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1))};
  }
  bool once_in(std::size_t n) { return random_() % n == 0; }
  static std::string node(std::size_t i) { return std::string(1, static_cast<char>('a' + i)); }

  void choose_fleet() {
    plan_.voters = once_in(3) ? 5 : 3;
    plan_.late = up_to(1);
    plan_.nodes = plan_.voters + up_to(1) + plan_.late;
    plan_.weather.delay_max = instant{once_in(3) ? 20'000 : 2'000};
    plan_.lasts = between(6'000, 12'000);
  }

  void choose_clients() {
    const auto channels = 1 + up_to(3);
    for (std::size_t i = 0; i < channels; ++i)
      plan_.channels.push_back("room" + std::to_string(i));
    const auto clients = 3 + up_to(5);
    const auto users = 1 + up_to(clients - 1);
    for (std::size_t i = 0; i < clients; ++i) {
      client_plan c;
      c.name = "c" + std::to_string(i);
      c.user = "u" + std::to_string(random_() % users);
      for (const auto& channel : plan_.channels) {
        if (!once_in(3))
          c.subscribes_to.push_back(channel);
        if (!once_in(3))
          c.publishes_to.push_back(channel);
      }
      if (!c.publishes_to.empty() && !once_in(4))
        c.publish_every = between(50, 600);
      c.recovers = !once_in(5);
      c.pipelines = once_in(3);
      plan_.clients.push_back(std::move(c));
    }
  }

  std::vector<fault_kind> kinds() const {
    using enum fault_kind;
    switch (plan_.rough) {
    case roughness::calm:
      return {leave, storm, slow};
    case roughness::crash:
      return {kill, kill, kill, storm};
    case roughness::cuts:
      return {pause, pause, partition, one_way, slow, reset};
    case roughness::all:
      return {kill, kill, pause, partition, one_way, slow, reset, leave, storm};
    }
    return {};
  }

  void choose_faults() {
    const auto choice = kinds();
    for (std::size_t i = 0; i < plan_.late; ++i)
      plan_.faults.push_back({between(500, plan_.lasts.count()),
                              fault_kind::join,
                              {node(plan_.nodes - 1 - i)},
                              ms{0},
                              ms{0}});
    const auto many = plan_.rough == roughness::all ? 2 + up_to(3) : 1 + up_to(1);
    for (std::size_t i = 0; i < many; ++i) {
      fault f;
      f.at = between(500, plan_.lasts.count() - 1'000);
      f.kind = choice[random_() % choice.size()];
      f.lasts = once_in(6) ? between(6'000, 14'000) : between(300, 6'000);
      f.by = between(20, 300);
      choose_nodes(f);
      plan_.faults.push_back(std::move(f));
    }
    std::stable_sort(plan_.faults.begin(), plan_.faults.end(),
                     [](const fault& a, const fault& b) { return a.at < b.at; });
  }

  /// Not by `random_`: the rest of the plan is as it was before there was a choice.
  void choose_what_came_later() {
    const auto seed = plan_.seed / 4; // the rest is the roughness
    plan_.relay_above = seed % 2 == 0 ? 1 : 16;
    if (seed % 3 == 0)
      add_live_room();
    if (seed % 4 == 1)
      for (auto& f : plan_.faults)
        if (f.kind == fault_kind::pause)
          f.kind = fault_kind::suspend;
    if (seed % 5 < 2) {
      plan_.weather.datagrams = true;
      plan_.weather.datagram_loss = seed % 5 == 0 ? 0.01 : 0.2;
      plan_.weather.datagram_doubled = 0.1;
    }
  }

  void add_live_room() {
    plan_.channels.push_back("live:0");
    for (auto& c : plan_.clients) {
      c.subscribes_to.push_back("live:0");
      c.publishes_to.push_back("live:0");
    }
  }

  void choose_nodes(fault& f) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < plan_.nodes; ++i)
      all.push_back(node(i));
    std::shuffle(all.begin(), all.end(), random_);
    std::size_t many = 1;
    if (f.kind == fault_kind::storm)
      many = 0;
    else if (f.kind == fault_kind::partition)
      many = 1 + up_to(plan_.nodes / 2 - 1);
    else if (f.kind == fault_kind::one_way || f.kind == fault_kind::slow
             || f.kind == fault_kind::reset)
      many = 2;
    f.nodes.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(many));
  }

  std::mt19937_64 random_;
  scenario_plan plan_;
};

} // namespace

std::string_view name_of(fault_kind kind) noexcept {
  static constexpr std::array<std::string_view, 10> names{
      "kill", "pause", "suspend", "partition", "one way",
      "slow", "reset", "join",    "leave",     "storm"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(roughness r) noexcept {
  static constexpr std::array<std::string_view, 4> names{"calm", "crash", "cuts", "all"};
  return names[static_cast<std::size_t>(r)];
}

std::string fault::text() const {
  std::string out{name_of(kind)};
  for (const auto& n : nodes)
    out += " " + n;
  if (lasts.count() > 0)
    out += " for " + std::to_string(lasts.count()) + " ms";
  if (kind == fault_kind::slow)
    out += " by " + std::to_string(by.count()) + " ms";
  return out;
}

std::string scenario_plan::text() const {
  std::string out = "seed " + std::to_string(seed) + ", " + std::string{name_of(rough)} + ": "
                    + std::to_string(voters) + " voters of " + std::to_string(nodes) + " nodes, "
                    + std::to_string(channels.size()) + " rooms, " + std::to_string(clients.size())
                    + " clients, " + std::to_string(lasts.count()) + " ms, messages take up to "
                    + std::to_string(weather.delay_max.count()) + " us, relays above "
                    + std::to_string(relay_above) + " nodes";
  if (weather.datagrams)
    out += ", " + std::to_string(static_cast<int>(weather.datagram_loss * 100))
           + " % of the datagrams are lost";
  for (const auto& f : faults)
    out += "; at " + std::to_string(f.at.count()) + " ms " + f.text();
  return out;
}

scenario_plan plan_of(std::uint64_t seed) {
  return planner{seed}.made();
}

} // namespace argosy::sim
