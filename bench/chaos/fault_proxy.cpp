#include "bench/chaos/fault_proxy.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <poll.h>
#include <set>
#include <utility>
#include <vector>

namespace argosy::bench::chaos {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using std::chrono::steady_clock;

namespace {

// What is awaited gets a name before it is tested, for the sake of gcc 12.2.
constexpr auto told = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t chunk_bytes = 64 * 1024;

/// Whether the peer has said its last word, read or not.
bool hung_up(asio::ip::tcp::socket& socket) {
  pollfd look{socket.native_handle(), POLLRDHUP, 0};
  return ::poll(&look, 1, 0) > 0;
}

} // namespace

/// What all lines share; it outlives the proxy until the last of them has noticed.
struct fault_proxy::exchange {
  exchange(asio::io_context& loop, std::uint16_t behind, name_of name, weather_for forecast)
      : io(loop), door(loop, {asio::ip::address_v4::loopback(), 0}), target(behind),
        identify(std::move(name)), weather(std::move(forecast)) {}

  static asio::awaitable<void> accept(std::shared_ptr<exchange> self);

  asio::io_context& io;
  tcp::acceptor door;
  std::uint16_t target;
  name_of identify;
  weather_for weather;
  std::set<line*> lines;
  bool closed = false;
};

/// One connection through the proxy: two sockets, and a coroutine each way. Whoever reads from an
/// end first waits until the line lets something through, so an end that hangs up is noticed when
/// the cut is mended, not before.
class fault_proxy::line : public std::enable_shared_from_this<line> {
public:
  line(std::shared_ptr<exchange> of, tcp::socket caller, std::string name)
      : exchange_(std::move(of)),
        name_(std::move(name)), front_{std::move(caller), exchange_->io}, back_{tcp::socket(
                                                                                    exchange_->io),
                                                                                exchange_->io} {
    exchange_->lines.insert(this);
  }
  ~line() { exchange_->lines.erase(this); }
  line(const line&) = delete;
  line& operator=(const line&) = delete;

  static asio::awaitable<void> run(std::shared_ptr<line> self) {
    const bool open = co_await self->passable(self->front_);
    if (!open || hung_up(self->front_.socket)) { // it has tired of waiting: nobody hears of it
      self->end();
      co_return;
    }
    const tcp::endpoint target{asio::ip::address_v4::loopback(), self->exchange_->target};
    const auto [error] = co_await self->back_.socket.async_connect(target, told);
    if (error) {
      self->end();
      co_return;
    }
    for (auto* end : {&self->front_, &self->back_})
      end->socket.set_option(tcp::no_delay(true));
    asio::co_spawn(self->exchange_->io, pump(self, self->back_, self->front_), asio::detached);
    co_await pump(self, self->front_, self->back_);
  }

  void update() {
    front_.changed.cancel();
    back_.changed.cancel();
  }

  void end() {
    over_ = true;
    error_code ignored;
    for (auto* end : {&front_, &back_})
      end->socket.close(ignored);
    update();
  }

private:
  struct side {
    tcp::socket socket;
    asio::steady_timer changed; ///< for who reads from here; cancelled when the weather changes
    side(tcp::socket s, asio::io_context& io) : socket(std::move(s)), changed(io) {}
  };

  /// One direction, until its source has nothing more to say, or an end is gone.
  static asio::awaitable<void> pump(std::shared_ptr<line> self, side& from, side& to) {
    std::vector<char> chunk(chunk_bytes);
    for (;;) {
      bool open = co_await self->passable(from);
      if (!open)
        co_return;
      const auto [silence, size] = co_await from.socket.async_read_some(asio::buffer(chunk), told);
      open = co_await self->carried(from, size);
      if (!open)
        co_return;
      if (silence == asio::error::eof) {
        error_code ignored;
        to.socket.shutdown(tcp::socket::shutdown_send, ignored);
        if (std::exchange(self->half_closed_, true))
          self->end();
        co_return;
      }
      error_code lost = silence;
      if (!lost) {
        const auto [error, written] =
            co_await asio::async_write(to.socket, asio::buffer(chunk.data(), size), told);
        lost = error;
      }
      if (lost) {
        open = co_await self->passable(from);
        self->end();
        co_return;
      }
    }
  }

  /// Waits until the line is not cut. False: it is over.
  asio::awaitable<bool> passable(side& at) {
    while (!over_ && exchange_->weather(name_).cut) {
      at.changed.expires_at(steady_clock::time_point::max());
      co_await at.changed.async_wait(told);
    }
    co_return !over_;
  }

  /// Waits until the line has carried so much, as narrow as it is by then; a cut only takes longer.
  asio::awaitable<bool> carried(side& at, std::size_t bytes) {
    const auto began = steady_clock::now();
    for (;;) {
      const bool open = co_await passable(at);
      if (!open)
        co_return false;
      const auto rate = exchange_->weather(name_).bytes_per_second;
      const auto due =
          rate == 0 ? began : began + std::chrono::nanoseconds(bytes * 1'000'000'000 / rate);
      if (steady_clock::now() >= due)
        co_return true;
      at.changed.expires_at(due);
      co_await at.changed.async_wait(told);
    }
  }

  std::shared_ptr<exchange> exchange_;
  std::string name_; ///< of the caller
  side front_, back_;
  bool half_closed_ = false; ///< one direction has ended in good order
  bool over_ = false;
};

asio::awaitable<void> fault_proxy::exchange::accept(std::shared_ptr<exchange> self) {
  while (!self->closed) {
    auto [error, socket] = co_await self->door.async_accept(told);
    if (error || self->closed)
      continue;
    auto name = self->identify(socket);
    if (name.empty())
      continue;
    asio::co_spawn(self->io,
                   line::run(std::make_shared<line>(self, std::move(socket), std::move(name))),
                   asio::detached);
  }
}

fault_proxy::fault_proxy(asio::io_context& io, std::uint16_t target, name_of name,
                         weather_for forecast)
    : exchange_(std::make_shared<exchange>(io, target, std::move(name), std::move(forecast))) {
  asio::co_spawn(io, exchange::accept(exchange_), asio::detached);
}

fault_proxy::~fault_proxy() {
  exchange_->closed = true;
  error_code ignored;
  exchange_->door.close(ignored);
  for (auto* l : std::set(exchange_->lines))
    l->end();
}

std::uint16_t fault_proxy::port() const {
  return exchange_->door.local_endpoint().port();
}

void fault_proxy::update() {
  for (auto* l : exchange_->lines)
    l->update();
}

} // namespace argosy::bench::chaos
