// fixture: a server with a gateway whose handlers write down what happens to them.
#pragma once

#include "net/server.hpp"
#include "runtime/http.hpp"
#include "runtime/socket.hpp"
#include "tests/net/client.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace argosy::test {

/// A thread-safe list of lines; `wait_for` has one deadline.
class journal {
public:
  void add(std::string line);
  bool wait_for(std::string_view line, std::size_t times = 1);
  std::size_t count(std::string_view line) const;
  std::vector<std::string> lines() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Writes "enter", "left", "open PATH", "message TEXT", "closed CODE by peer|us", "ping", "pong",
/// "timer TAG". Obeys messages: see the source.
class recording_gateway final : public socket_gateway {
public:
  journal log;
  journal asked;                                           ///< the addresses that came
  std::function<bool()> on_enter;                          ///< any loop's thread
  std::function<verdict(const upgrade_request&)> on_judge; ///< any loop's thread

  bool may_enter(std::string_view peer_address) override;
  void left(std::string_view peer_address) override;
  verdict judge(const upgrade_request& request) override;
  socket_handler* open(socket_loop& loop, socket_id socket, const upgrade_request& request,
                       std::string_view subprotocol) override;

  struct seat {
    socket_loop* loop;
    socket_id socket;
  };
  /// The n-th socket that opened, from 0; waits for it.
  seat at(std::size_t n);
  std::size_t balance() const; ///< entered and not left

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<seat> seats_;
  std::size_t inside_ = 0;
};

/// Answers "/echo-body" with the body, "/hold" when the test says so, everything else with its
/// path.
class recording_http final : public http_service {
public:
  void handle(http_request request, http_responder respond) override;
  http_responder held(); ///< waits for one

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<http_responder> held_;
};

/// Settings for one loop on a free port of 127.0.0.1, with the echo path.
net::settings test_settings();

/// A server with both; the test may change the settings before it starts.
struct serving_fixture {
  recording_gateway gateway;
  recording_http http;
  net::settings s = test_settings();
  std::unique_ptr<net::server> server;

  net::server& started();
};

/// Runs `task` on the loop and waits for it.
void on_loop(socket_loop& loop, std::function<void()> task);

/// Polls `condition` until it holds or the deadline passes.
bool eventually(const std::function<bool()>& condition);

/// Adds up one counter over all loops.
std::uint64_t total(const net::server& s, net::counter net::loop_stats::*which);

/// A self-signed certificate for "localhost" and its key, as files in a fresh directory that goes
/// away with the object.
class temporary_certificate {
public:
  temporary_certificate();
  ~temporary_certificate();
  std::string certificate_file() const { return directory_ + "/certificate.pem"; }
  std::string key_file() const { return directory_ + "/key.pem"; }
  void renew() const; ///< another certificate and key in the same files

private:
  std::string directory_;
};

} // namespace argosy::test
