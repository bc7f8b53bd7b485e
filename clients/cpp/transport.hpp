// transport: one WebSocket, plain or TLS, with a write queue. It knows no protocol above it.
//
// It is used once: opened, read until it ends, thrown away. All calls and all events on the thread
// of its io_context.
#pragma once

#include "clients/cpp/url.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace argosy::client {

/// What a transport reports. After `on_end` nothing comes any more.
class transport_events {
public:
  virtual void on_open() = 0;
  virtual void on_message(std::string_view payload) = 0;
  /// `code`: the close code of the server, 1006 if there was none; `reason` also says what failed.
  virtual void on_end(std::uint16_t code, std::string_view reason) = 0;

protected:
  ~transport_events() = default;
};

struct transport_options {
  url target;
  std::string subprotocol; ///< "" = offer none
  bool binary = true;
  std::chrono::milliseconds open_timeout{10'000}; ///< from the first packet to the upgrade
  std::size_t message_bytes_max = 16 << 20;
};

class transport {
public:
  virtual ~transport() = default;

  /// Resolves, connects, secures and upgrades. `events` must outlive the transport or `detach`.
  virtual void open() = 0;

  /// Queues one message.
  virtual void send(std::string message) = 0;

  /// Says goodbye with `code` behind what is queued, in the background, and reports nothing more.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Cuts the connection and reports nothing more.
  virtual void detach() = 0;
};

/// A transport over TLS if `tls` is given, which must outlive it; else a plain one.
std::shared_ptr<transport> make_transport(boost::asio::io_context& io,
                                          boost::asio::ssl::context* tls, transport_options options,
                                          transport_events& events);

} // namespace argosy::client
