// fault_proxy: a TCP proxy on 127.0.0.1 whose lines can be bad: cut in silence, or narrow.
//
//   caller --> proxy --> target        caller <-- proxy <-- target
//
// Picture the telephone exchange of a film: calls go through untouched until the operator pulls a
// plug, and then nobody hears so much as a click. What a line does is asked at each chunk, so the
// weather changes under connections that stand. What has been sent arrives in order, once, or not
// at all. Runs on the loop it is given, one thread; end the proxy on that thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace argosy::bench::chaos {

/// What a line does to what it carries.
struct weather {
  bool cut = false;                   ///< a black hole: nothing is read, nothing is said
  std::uint64_t bytes_per_second = 0; ///< in each direction; 0: as much as there is
};

class fault_proxy {
public:
  using tcp = boost::asio::ip::tcp;
  /// Who has called; "" for a stranger, who is not put through.
  using name_of = std::function<std::string(const tcp::socket& caller)>;
  using weather_for = std::function<weather(const std::string& caller)>;

  /// Listens on a free port for the target's. At most 64 KiB of each direction of a line are held
  /// here. Throws boost::system::system_error.
  fault_proxy(boost::asio::io_context& io, std::uint16_t target, name_of name,
              weather_for forecast);
  ~fault_proxy(); ///< hangs up all lines
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  std::uint16_t port() const;

  /// The weather has changed: who waits for it looks out.
  void update();

private:
  struct exchange;
  class line;
  std::shared_ptr<exchange> exchange_;
};

} // namespace argosy::bench::chaos
