// stand_in_node: just enough of a server to test the load generator: upgrade, connect, subscribe,
// publish by command or over HTTP, in both dialects. One thread, a free port on 127.0.0.1, until
// destroyed.
#pragma once

#include "runtime/protocol/dialect.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace argosy::bench {

class stand_in_node {
public:
  struct manners {
    bool refuse_connect = false; ///< answers connect with an error
    bool refuse_publish = false; ///< answers publish with one
    bool close_on_publish =
        false; ///< closes all members' connections with 3004 instead of delivering
    bool ping_on_subscribe = false; ///< and delivers only to those who have answered
  };

  explicit stand_in_node(manners how);
  ~stand_in_node();
  stand_in_node(const stand_in_node&) = delete;
  stand_in_node& operator=(const stand_in_node&) = delete;

  std::uint16_t port() const noexcept { return port_; }

private:
  class peer;

  void serve();
  void accept_one();
  void take_publication(const std::string& room, std::string_view data);

  manners how_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::map<int, std::unique_ptr<peer>> peers_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace argosy::bench
