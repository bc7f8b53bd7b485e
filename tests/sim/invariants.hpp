// invariants: what must hold inside a fleet, seen by an eye that sees all nodes at once.
#pragma once

#include "tests/sim/run_log.hpp"
#include "tests/sim/sim_client.hpp"
#include "tests/sim/sim_world.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace argosy::sim {

class invariants {
public:
  invariants(sim_world& world, run_log& log) : world_(world), log_(log) {}

  /// At any moment: views go forward, and nobody acts by an old one for longer than a lease.
  void sample();

  /// When all is quiet: views agree, nothing is left where it no longer belongs, links are empty.
  void at_rest();

  /// When all is quiet: every node says who is where as the clients know it.
  void presence(const std::vector<std::unique_ptr<sim_client>>& clients,
                const std::vector<std::string>& channels);

  /// When all is quiet: a message to a user, sent at any node, is had once by each of its devices.
  void letters(const std::vector<std::unique_ptr<sim_client>>& clients,
               const std::function<void()>& step);

private:
  using time = std::chrono::milliseconds;

  void leftovers(const std::string& name);
  void links(const std::string& name);

  sim_world& world_;
  run_log& log_;
  std::uint64_t newest_ = 0; ///< the newest view that anybody acts by
  std::map<std::uint64_t, time> known_since_;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> followed_; ///< life, view
};

/// A message to all devices of a user, sent at a node as its server API would.
void send_letter(sim_world& world, const std::string& from, const std::string& user,
                 std::string text);

} // namespace argosy::sim
