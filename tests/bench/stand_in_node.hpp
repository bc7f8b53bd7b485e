// stand_in_node: just enough of a Centrifuge-protocol server to test the load generator: upgrade,
// connect, subscribe, publish by command or over HTTP. One thread, a free port on 127.0.0.1, until
// destroyed.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

namespace argosy::bench {

class stand_in_node {
public:
  struct manners {
    bool refuse_connect = false; ///< answers connect with an error
    bool close_on_publish =
        false; ///< closes all members' connections with 3004 instead of delivering
  };

  explicit stand_in_node(manners how);
  ~stand_in_node();
  stand_in_node(const stand_in_node&) = delete;
  stand_in_node& operator=(const stand_in_node&) = delete;

  std::uint16_t port() const noexcept { return port_; }

private:
  struct peer {
    bool upgraded = false;
    std::string input, room;
  };

  void serve();
  void accept_one();
  bool take(int fd, peer& p);
  void answer(int fd, peer& p, const std::string& text);
  void deliver(const std::string& room, const std::string& data);

  manners how_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::map<int, peer> peers_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace argosy::bench
