// fake_server: a WebSocket server that does what a test tells it, on 127.0.0.1 and a free port.
//
// It speaks a real dialect, so what the client sends and gets is what a node would see and say. It
// runs on the test's io_context: one thread, no races.
#pragma once

#include "runtime/protocol/dialect.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace argosy::test {

/// One client's connection, seen from the server.
class peer {
public:
  virtual ~peer() = default;
  virtual void reply(std::uint32_t id, const reply_body& body) = 0;
  virtual void push(std::string_view channel, const push_body& body) = 0;
  virtual void ping() = 0;
  virtual void close(std::uint16_t code) = 0;
  virtual void cut() = 0; ///< as when a cable is pulled, but noticed
};

class fake_server {
public:
  using script = std::function<void(peer&, const command&)>;

  /// Calls `answer` for each command; `connect` gets a plain welcome by itself, or error 109 for
  /// the token "expired". With `tls`, wss.
  fake_server(boost::asio::io_context& io, const dialect& d, script answer,
              boost::asio::ssl::context* tls = nullptr);
  ~fake_server();

  std::string url() const;

  /// What arrived, as tests/protocol/recorder.hpp writes it, over all connections.
  const std::vector<std::string>& seen() const noexcept;

  /// The newest connection.
  peer& newest();

  struct state;

private:
  std::shared_ptr<state> state_;
};

/// A TLS context with a certificate for "localhost" that it signed itself.
boost::asio::ssl::context self_signed_context();

} // namespace argosy::test
