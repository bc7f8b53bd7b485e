#include "net/cluster/peer_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace argosy::net {

peer_session::peer_session(edge_core& core, peer_connection number, tcp::socket socket,
                           std::string address)
    : core_(core), number_(number), inbound_(true), address_(std::move(address)),
      wire_(std::move(socket)), inner_(core.loop), deadline_(core.loop), vacancy_(core.loop),
      guard_(core.settings.frame_bytes_max) {
}

peer_session::peer_session(edge_core& core, peer_connection number, std::string address)
    : core_(core), number_(number), inbound_(false), address_(std::move(address)),
      wire_(tcp::socket{core.loop}), inner_(core.loop), deadline_(core.loop), vacancy_(core.loop),
      guard_(core.settings.frame_bytes_max) {
}

asio::awaitable<void> peer_session::run() {
  const auto self = shared_from_this();
  deadline_.expires_after(core_.settings.handshake_deadline);
  deadline_.async_wait([self](error_code error) {
    if (!error && !self->settled_)
      self->end(refusal::too_late, self->who() + " was not done within the handshake deadline");
  });
  const bool opened = co_await open();
  if (opened) {
    // The last of the two to let go of `done` finishes.
    auto done = std::shared_ptr<void>(nullptr, [self](void*) { self->finish(); });
    asio::co_spawn(
        core_.loop, [self, done]() -> asio::awaitable<void> { co_await self->pump_out(); },
        asio::detached);
    co_await pump_in();
  } else {
    finish();
  }
}

asio::awaitable<bool> peer_session::open() {
  bool good = true;
  if (!inbound_)
    good = co_await connect();
  if (good)
    good = co_await secure();
  if (good)
    good = co_await introduce();
  if (good)
    good = co_await wait_for_berth();
  if (good)
    good = co_await hand_over();
  co_return good;
}

asio::awaitable<bool> peer_session::connect() {
  const auto colon = address_.rfind(':');
  if (colon == std::string::npos)
    co_return end(refusal::unreachable,
                  "the address \"" + address_ + "\" is not host:port; correct it");
  auto host = address_.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  tcp::resolver resolver{core_.loop};
  const auto [unknown, endpoints] =
      co_await resolver.async_resolve(host, address_.substr(colon + 1), told);
  if (unknown)
    co_return end(refusal::unreachable,
                  "the address " + address_ + " is unknown: " + unknown.message());
  if (ended_)
    co_return false;
  const auto [error, endpoint] = co_await asio::async_connect(wire_.socket(), endpoints, told);
  if (error) {
    unreachable_ = error == asio::error::connection_refused;
    co_return end(refusal::unreachable, "cannot reach " + address_ + ": " + error.message());
  }
  tune(wire_.socket());
  co_return !ended_;
}

asio::awaitable<bool> peer_session::wait_for_berth() {
  while (!ended_ && !core_.slots.clear(peer_.node)) {
    vacancy_.expires_at(asio::steady_timer::time_point::max());
    co_await vacancy_.async_wait(told);
  }
  co_return !ended_;
}

// The dialling side waits for the other's first bytes: BASP takes a stream on which it waits for
// the peer to be silent since 1970, and ends it at its next tick.
asio::awaitable<bool> peer_session::hand_over() {
  if (!inbound_) {
    first_.resize(core_.settings.buffer_bytes);
    first_.resize(co_await wire_.read_some(first_.data(), first_.size()));
    if (first_.empty())
      co_return lost("opening the stream");
    if (!guard_.admit(first_))
      co_return end(refusal::frame_bounds, who() + " announces a message that is too long");
    came_in(first_);
  }
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    co_return end(refusal::unreachable,
                  "no socket pair can be had; raise the limit on open files (ulimit -n)");
  const int room = static_cast<int>(core_.settings.buffer_bytes);
  for (const int fd : pair)
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  inner_.assign(asio::local::stream_protocol{}, pair[0]);
  opened_ = true;
  {
    const std::lock_guard lock{core_.mutex};
    ++core_.figures.opened;
  }
  core_.taker->opened({number_, pair[1], inbound_, !core_.settings.insecure, peer_.node,
                       std::string{peer_.token.data(), peer_.token.size()}});
  co_return true;
}

asio::awaitable<void> peer_session::pump_in() {
  bool good = true;
  if (!first_.empty())
    good = co_await to_basp(first_);
  std::string().swap(first_);
  std::vector<char> buffer(core_.settings.buffer_bytes);
  while (good) {
    const auto size = co_await wire_.read_some(buffer.data(), buffer.size());
    if (size == 0) {
      lost("talking");
      co_return;
    }
    const std::string_view bytes{buffer.data(), size};
    if (!guard_.admit(bytes)) {
      end(refusal::frame_bounds, who() + " announces a message that is too long");
      co_return;
    }
    came_in(bytes);
    good = co_await to_basp(bytes);
  }
}

asio::awaitable<bool> peer_session::to_basp(std::string_view bytes) {
  const auto [error, size] = co_await asio::async_write(inner_, asio::buffer(bytes), told);
  co_return !error || end(refusal::hung_up, "this node let go of " + who());
}

asio::awaitable<void> peer_session::pump_out() {
  std::vector<char> buffer(core_.settings.buffer_bytes);
  for (;;) {
    const auto [error, size] = co_await inner_.async_read_some(asio::buffer(buffer), told);
    if (error) {
      end(refusal::hung_up, "this node let go of " + who());
      co_return;
    }
    const bool sent = co_await wire_.write({buffer.data(), size});
    if (!sent) {
      lost("talking");
      co_return;
    }
    bytes_out_.fetch_add(size, std::memory_order_relaxed);
  }
}

void peer_session::came_in(std::string_view bytes) {
  bytes_in_.fetch_add(bytes.size(), std::memory_order_relaxed);
  core_.slots.heard(peer_.node, number_, std::chrono::steady_clock::now());
  settle();
}

void peer_session::settle() {
  if (std::exchange(settled_, true))
    return;
  deadline_.cancel();
  if (inbound_) {
    core_.pending.leave(address_);
    const std::lock_guard lock{core_.mutex};
    core_.figures.pending = core_.pending.size();
  }
}

void peer_session::close(const std::string& why) {
  end(refusal::hung_up, why);
}

// Two that dial each other at once are ordinary, and that a node is not up where we dial: of those
// whom it misses the membership tells.
bool peer_session::concerns_people(refusal r) const noexcept {
  switch (r) {
  case refusal::duplicate:
    return false;
  case refusal::unreachable:
  case refusal::too_late:
    return inbound_;
  case refusal::hung_up:
    return inbound_ || turned_away_;
  default:
    return true;
  }
}

bool peer_session::end(refusal r, const std::string& why) {
  if (std::exchange(ended_, true))
    return false;
  why_ = why;
  if (!settled_ || r == refusal::frame_bounds) {
    core_.refused(r);
    if (concerns_people(r))
      core_.tell(inbound_, why);
  }
  error_code ignored;
  wire_.close();
  inner_.close(ignored);
  vacancy_.cancel();
  return false;
}

void peer_session::finish() {
  end(refusal::hung_up, who() + " is gone");
  settle();
  if (berthed_) {
    core_.slots.end(peer_.node, number_);
    if (!opened_)
      core_.slots.release(number_);
  }
  {
    const std::lock_guard lock{core_.mutex};
    core_.sessions.erase(number_);
  }
  core_.wake_all();
  if (opened_ || !inbound_)
    core_.taker->ended(number_, unreachable_, why_);
}

stream_figures peer_session::figures() const {
  return {number_, figured_ ? peer_.node : std::string{}, inbound_,
          bytes_in_.load(std::memory_order_relaxed), bytes_out_.load(std::memory_order_relaxed)};
}

} // namespace argosy::net
