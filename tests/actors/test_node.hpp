// test_node: all actors of a node in one thread, under a scheduler that the test drives and a clock
// it moves.
//
// The actors are the real ones; only the socket loop is fake. Every step is a choice of the test,
// so a seed names an interleaving.
#pragma once

#include "actors/gateway/gateway.hpp"
#include "actors/node_services.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "runtime/loop_strand.hpp"
#include "tests/actors/fake_loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::testing {

class test_node;

/// A client as the wire sees it: JSON in, JSON out.
class test_client {
public:
  test_client(test_node& node, socket_id socket, socket_handler* handler)
      : node_(&node), socket_(socket) {
    peer().handler = handler;
  }
  fake_loop::peer& peer() const;

  /// Hands one WebSocket message to the connection and lets everything settle.
  void send(std::string_view json) const;

  /// As `send`, but nothing else runs.
  void send_only(std::string_view json) const;

  /// `connect` as `user` (insecure mode), settled; "" = anonymous.
  void connect(std::string_view user = "") const;

  /// The peer is gone without a word; or with this close code.
  void drop(std::uint16_t code = 1006) const;

  /// The same, but nothing else runs.
  void hang_up(std::uint16_t code = 1006) const;

  /// What came since the last call, oldest first.
  std::vector<std::string> take() const;

  /// What came, in one string, one message a line; does not take it.
  std::string text() const;

private:
  test_node* node_;
  socket_id socket_;
};

struct test_setup {
  std::string node_name = "test";
  std::uint32_t relay_above = 16;
  channel_options plain;                         ///< channels without a namespace
  std::map<std::string, channel_options> spaces; ///< by name
  client_limits limits;
  presence_limits presence;
  admission_limits admission;
};

class test_node {
public:
  explicit test_node(test_setup setup = {});
  ~test_node();

  test_client open();

  /// Runs everybody until nothing is left to do.
  void settle();

  /// Runs at most one message of one randomly chosen party; false when all are idle.
  bool step(std::mt19937& choose);

  /// Moves all clocks and settles.
  void advance(std::chrono::milliseconds by);

  /// The same, but who runs first is a matter of chance. Throws std::runtime_error if they go on
  /// and on.
  void pass(std::chrono::milliseconds by, std::mt19937& choose);

  /// The heartbeat of the sweep: ping due, or pong due, for everybody.
  void ping_all(bool pong);

  /// Asks an actor and returns its answer's text.
  router& routes() { return routes_; }
  node_services& services() { return services_; }
  gateway& door() { return door_; }
  fake_loop& loop() { return loop_; }
  caf::actor_system& system() { return system_; }
  auth::token_verifier& verifier() { return verifier_; }

private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_;
  router routes_;
  node_metrics metrics_{1};
  node_services services_{system_, routes_, metrics_};
  auth::token_verifier verifier_;
  gateway door_;
  // A strand each, so that a seed may let any of them lag behind.
  caf::intrusive_ptr<scheduler_strand> users_ = caf::make_counted<scheduler_strand>(system_);
  caf::intrusive_ptr<scheduler_strand> rooms_ = caf::make_counted<scheduler_strand>(system_);
  caf::intrusive_ptr<scheduler_strand> replicas_ = caf::make_counted<scheduler_strand>(system_);
  caf::intrusive_ptr<scheduler_strand> watch_ = caf::make_counted<scheduler_strand>(system_);
  fake_loop loop_;
  loop_strand strand_{loop_};
  std::uint32_t sockets_ = 0;
};

/// The default for tests: a channel with everything on.
channel_options open_channel();

} // namespace argosy::testing
