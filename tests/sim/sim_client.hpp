// sim_client: a client of a simulated fleet that behaves as the published SDKs do.
//
// Picture a passenger with a phone: it dials some node, resubscribes from where it stood, sends
// again what got no answer, and comes back after every break, with jitter. It writes down what it
// did and saw; it judges nothing. Speaks the real JSON dialect through the client library's codec.
#pragma once

#include "clients/cpp/backoff.hpp"
#include "clients/cpp/codec.hpp"
#include "tests/sim/run_log.hpp"
#include "tests/sim/sim_world.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace argosy::sim {

struct client_plan {
  std::string name;
  std::string user;
  std::vector<std::string> subscribes_to; ///< channels
  std::vector<std::string> publishes_to;
  std::chrono::milliseconds publish_every{0};
  bool recovers = true;   ///< asks for what it missed
  bool pipelines = false; ///< publishes on without waiting for answers
};

class sim_client final : private client::server_sink {
public:
  sim_client(client_plan plan, sim_world& world, run_log& log, std::uint64_t random_seed);

  /// Reads what has come, does what is due.
  void turn();

  /// Its own network fails: the node hears of it, and it comes back.
  void drop();
  /// Says goodbye for good.
  void leave();
  void stop_publishing() noexcept { plan_.publish_every = std::chrono::milliseconds{0}; }

  const client_plan& plan() const noexcept { return plan_; }
  /// What it still waits for, in words; "" if it is online, in all rooms, and all is acknowledged.
  std::string waits_for() const;
  bool gone() const noexcept { return state_ == state::gone; }
  /// Its present connection; meaningful while `waits_for` is empty.
  client_id connection() const noexcept { return id_; }
  const std::string& at_node() const noexcept { return node_; }
  /// Messages to its user that it has had, each with how often.
  const std::map<std::string, int>& letters() const noexcept { return letters_; }
  bool is_in(const std::string& channel) const {
    const auto found = subscriptions_.find(channel);
    return state_ == state::online && found != subscriptions_.end() && found->second.inside;
  }

  static std::string room_name(std::string_view channel) {
    return "default/" + std::string{channel};
  }

private:
  using time = std::chrono::milliseconds;
  enum class state { waiting, dialling, greeting, online, gone };
  enum class asks { hello, subscribe, publish };

  struct call {
    asks what = asks::hello;
    std::string channel;
    checker::message_id message;
    std::uint32_t attempt = 0;
    time asked{};
  };
  struct subscription {
    bool inside = false;
    std::uint32_t asked = 0; ///< the call under way
    bool has_position = false;
    checker::position at;
    checker::position since; ///< what the call under way asked for
    std::uint32_t failures = 0;
    time next{};
  };
  struct unacked {
    std::string channel;
    std::uint32_t attempts = 0;
    std::uint32_t asked = 0;
    time next{};
  };

  // -- the connection
  bool node_lives() const;
  void dial();
  void open();
  void read();
  void lose(std::uint32_t code);
  void check_calls();
  void send(std::uint32_t id, command_body body);
  void flush();

  // -- what it is there for
  void subscribe_due();
  void publish_due();
  void send_due();

  // -- server_sink
  void on_ping() override;
  void on_reply(std::uint32_t id, client::reply body) override;
  void on_push(std::string_view channel, push_body body) override;
  void welcomed(const connect_result& r);
  void subscribed(const std::string& channel, const client::reply& body);
  void published(const call& c, const client::reply& body);
  void take(const std::string& channel, const publication& p);
  void take_letter(std::string_view channel, const publication& p);
  time jitter(std::uint32_t failures);

  client_plan plan_;
  sim_world& world_;
  run_log& log_;
  std::mt19937 random_;
  client::backoff backoff_{time{100}, time{2'000}};

  state state_ = state::waiting;
  std::string node_;
  std::uint64_t life_ = 0; ///< the node's incarnation when it was dialled
  std::optional<testing::test_client> socket_;
  std::vector<std::string> outbox_; ///< written, and not yet read by the node
  client_id id_;
  time since_{}; ///< of the state
  time next_dial_{};
  time next_publish_{};
  std::uint32_t failures_ = 0;
  std::uint32_t connections_ = 0;
  std::uint32_t last_id_ = 0;
  std::uint64_t counter_ = 0;
  std::map<std::uint32_t, call> calls_;
  std::map<std::string, subscription> subscriptions_;
  std::map<std::string, int> letters_;
  std::map<std::uint64_t, unacked> unacked_; ///< by counter
};

} // namespace argosy::sim
