#include "net/cluster/probe_socket.hpp"

#include "net/cluster/asio.hpp"
#include "net/cluster/probe_seal.hpp"
#include "net/cluster/replay_window.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <map>
#include <optional>
#include <thread>
#include <utility>

namespace argosy::net {

namespace {

using udp = asio::ip::udp;

/// Addresses that are remembered; beyond that all are asked for again.
constexpr std::size_t places_max = 4'096;

std::pair<std::string, std::string> host_and_port(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return {address, ""};
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return {std::move(host), address.substr(colon + 1)};
}

std::optional<udp::endpoint> numeric(const std::string& host, const std::string& port) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  std::uint16_t number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error || bad != std::errc{} || end != port.data() + port.size())
    return std::nullopt;
  return udp::endpoint{address, number};
}

} // namespace

/// All of it belongs to the loop's thread, but for the counters and `number`.
struct probe_socket::lamp {
  explicit lamp(probe_settings s)
      : settings(std::move(s)), seal(settings.secret, settings.cluster) {}

  void listen() {
    socket.async_receive_from(asio::buffer(room), sender, [this](error_code error, std::size_t n) {
      if (error == asio::error::operation_aborted || !socket.is_open())
        return;
      if (!error)
        take({room.data(), n});
      listen();
    });
  }

  void take(std::string_view datagram) {
    probe_words words;
    switch (seal.read(datagram, words)) {
    case probe_flaw::malformed:
      ++malformed;
      return;
    case probe_flaw::forged:
      ++forged;
      return;
    case probe_flaw::none:
      break;
    }
    if (!first_time(words)) {
      ++replayed;
      return;
    }
    ++heard;
    taker({{std::string{words.from}, words.from_incarnation},
           {std::string{words.to}, words.to_incarnation},
           words.answer,
           words.sequence});
  }

  bool first_time(const probe_words& words) {
    auto found = senders.find(words.from);
    if (found == senders.end()) {
      if (senders.size() >= settings.senders_max)
        return false;
      found = senders.emplace(words.from, life{words.from_incarnation, {}}).first;
    }
    auto& known = found->second;
    if (words.from_incarnation < known.incarnation)
      return false;
    if (words.from_incarnation > known.incarnation)
      known = {words.from_incarnation, {}};
    return known.window.fresh(words.number);
  }

  void send(const std::string& address, const cluster::probe_note& what) {
    if (const auto found = places.find(address); found != places.end())
      return send_to(found->second, what);
    auto [host, service] = host_and_port(address);
    if (const auto place = numeric(host, service)) {
      remember(address, *place);
      return send_to(*place, what);
    }
    resolver.async_resolve(host, service,
                           [this, address, what](error_code error, const auto& found) {
                             if (error || found.empty()) {
                               ++unsent;
                               return;
                             }
                             remember(address, found.begin()->endpoint());
                             send_to(found.begin()->endpoint(), what);
                           });
  }

  void remember(const std::string& address, const udp::endpoint& place) {
    if (places.size() >= places_max)
      places.clear();
    places[address] = place;
  }

  void send_to(const udp::endpoint& to, const cluster::probe_note& what) {
    std::array<char, probe_bytes_max> out{};
    const auto n = seal.write({what.from.name, what.from.incarnation, what.to.name,
                               what.to.incarnation, what.answer, what.sequence, ++number},
                              out);
    error_code error;
    socket.send_to(asio::buffer(out.data(), n), to, 0, error);
    ++(error ? unsent : sent);
  }

  struct life {
    std::uint64_t incarnation = 0;
    replay_window window;
  };

  const probe_settings settings;
  const probe_seal seal;
  probe_transport::taker taker;
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  udp::socket socket{loop};
  udp::resolver resolver{loop};
  udp::endpoint sender;
  std::array<char, probe_bytes_max + 1> room{}; ///< one more, so that a longer one is known
  std::map<std::string, life, std::less<>> senders;
  std::map<std::string, udp::endpoint> places;
  std::uint64_t number = 0;
  std::uint16_t port = 0;
  std::atomic<std::uint64_t> sent{0}, unsent{0}, heard{0}, malformed{0}, forged{0}, replayed{0};
  std::thread thread;
};

probe_socket::probe_socket(probe_settings s) : lamp_(std::make_unique<lamp>(std::move(s))) {
}

probe_socket::~probe_socket() {
  stop();
}

std::string probe_socket::start() {
  auto& l = *lamp_;
  const auto& at = l.settings.listen;
  const auto sentence = [&](const std::string& why) {
    return "`cluster.address` is \"" + at.address + "\" and the port " + std::to_string(at.port)
           + ", where probes cannot be heard: " + why
           + "; free the UDP port of that number, or leave `cluster.secret_file` empty.";
  };
  error_code error;
  const auto address = asio::ip::make_address(at.address, error);
  if (error)
    return sentence(error.message());
  const udp::endpoint here{address, at.port};
  if (l.socket.open(here.protocol(), error) || l.socket.bind(here, error)
      || l.socket.non_blocking(true, error))
    return sentence(error.message());
  l.port = l.socket.local_endpoint(error).port();
  l.listen();
  l.thread = std::thread{[&l] { l.loop.run(); }};
  return {};
}

std::uint16_t probe_socket::port() const noexcept {
  return lamp_->port;
}

probe_figures probe_socket::figures() const {
  const auto& l = *lamp_;
  return {l.sent, l.unsent, l.heard, l.malformed, l.forged, l.replayed};
}

void probe_socket::attach(taker who) {
  lamp_->taker = std::move(who);
}

void probe_socket::send(const std::string& address, const cluster::probe_note& what) {
  asio::post(lamp_->loop, [l = lamp_.get(), address, what] { l->send(address, what); });
}

void probe_socket::stop() {
  auto& l = *lamp_;
  if (!l.thread.joinable())
    return;
  l.loop.stop();
  l.thread.join();
  error_code ignored;
  l.socket.close(ignored);
}

} // namespace argosy::net
