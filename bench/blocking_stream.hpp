// blocking_stream: a TCP connection for a caller with nothing else to do; every wait has a
// deadline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace argosy::bench {

class blocking_stream {
public:
  /// Connects to an IPv4 literal. Throws std::runtime_error.
  blocking_stream(const std::string& host, std::uint16_t port, int timeout_ms);
  ~blocking_stream();
  blocking_stream(const blocking_stream&) = delete;
  blocking_stream& operator=(const blocking_stream&) = delete;

  /// Sends all of it. Throws std::runtime_error.
  void send(std::string_view bytes);

  /// Appends what arrives to `to`. Throws std::runtime_error at the end, or after the timeout.
  void receive(std::string& to);

  /// Appends what is there already, without waiting.
  void receive_available(std::string& to);

private:
  int fd_ = -1;
  int timeout_ms_;
};

} // namespace argosy::bench
