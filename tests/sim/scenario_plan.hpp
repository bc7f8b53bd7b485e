// scenario_plan: what one seed stands for: a fleet, its clients, its weather, and what goes wrong.
#pragma once

#include "tests/sim/sim_client.hpp"
#include "tests/sim/sim_network.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::sim {

enum class fault_kind : std::uint8_t {
  kill,      ///< the process ends; another one of its name starts after `lasts`
  pause,     ///< SIGSTOP for `lasts`
  suspend,   ///< its machine stands still, and its clock
  partition, ///< `nodes` against the rest
  one_way,   ///< nothing gets from nodes[0] to nodes[1]
  slow,      ///< what passes between nodes[0] and nodes[1] takes `by` longer
  reset,     ///< connections between nodes[0] and nodes[1] break
  join,      ///< a node that has not run yet starts
  leave,     ///< it hands over and ends; another one of its name starts after `lasts`
  storm,     ///< all clients lose their connections
};
std::string_view name_of(fault_kind kind) noexcept;

struct fault {
  std::chrono::milliseconds at{};
  fault_kind kind = fault_kind::kill;
  std::vector<std::string> nodes;
  std::chrono::milliseconds lasts{};
  std::chrono::milliseconds by{};

  std::string text() const;
};

/// How rough a run is; a seed's last digit.
enum class roughness : std::uint8_t {
  calm,  ///< nodes come and go as planned, clients lose connections
  crash, ///< processes die
  cuts,  ///< the network fails, processes stop
  all,   ///< everything, several at once
};
std::string_view name_of(roughness r) noexcept;

struct scenario_plan {
  std::uint64_t seed = 0;
  roughness rough = roughness::calm;
  std::size_t voters = 3;
  std::size_t nodes = 3;
  std::size_t late = 0; ///< of those, how many start during the run
  network_weather weather;
  std::uint32_t relay_above = 16; ///< nodes that are told of a room one by one
  std::vector<client_plan> clients;
  std::vector<std::string> channels; ///< those of namespace `live` keep no history
  std::vector<fault> faults;         ///< by time
  std::chrono::milliseconds lasts{10'000};

  std::string text() const;
};

inline bool keeps_history(std::string_view channel) {
  return !channel.starts_with("live:");
}

/// The same plan for the same seed.
scenario_plan plan_of(std::uint64_t seed);

} // namespace argosy::sim
