// publisher: somebody outside the room who publishes into it, over the server's HTTP API or a
// WebSocket connection of their own: that of the C++ client where the server speaks its protocol.
// Blocking, one publication at a time, each with a deadline: the
// controller has nothing else to do, and a server that does not answer must not hang the run.
#pragma once

#include "bench/target.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace argosy::bench {

struct publisher_options {
  const target* server = nullptr;
  dialect how = dialect::json;
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string room;
  std::string api_key;
  std::string secret; ///< of the publisher's token; empty: no token
};

class publisher {
public:
  virtual ~publisher() = default;

  /// Publishes and waits for the server's answer, where there is one. Throws std::runtime_error
  /// with a sentence when it refuses or does not answer in 10 s.
  virtual void publish(const std::string& payload) = 0;
};

/// Over HTTP when the server has an API and `by_api`, else over a connection.
std::unique_ptr<publisher> make_publisher(const publisher_options& options, bool by_api);

/// Over a connection of the C++ client (client_publisher.cpp).
std::unique_ptr<publisher> make_client_publisher(const publisher_options& options);

} // namespace argosy::bench
