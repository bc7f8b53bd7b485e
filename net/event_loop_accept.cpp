// event_loop, newcomers: turned away before anything is allocated, or given a record.
#include "net/event_loop.hpp"
#include "net/proxy_header.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argosy::net {

namespace {

constexpr int accepts_max = 64; // a wake
constexpr std::uint64_t first_listener_event = 1;
constexpr std::uint32_t out_of_descriptors_rest_ticks = 1; // 100 ms

constexpr std::string_view turned_away = "HTTP/1.1 503 Service Unavailable\r\n"
                                         "Server: argosy\r\n"
                                         "Retry-After: 2\r\n"
                                         "Connection: close\r\n"
                                         "Content-Length: 0\r\n\r\n";

} // namespace

void event_loop::accept_some(std::size_t listener) {
  for (int i = 0; i < accepts_max && listener < listeners_.size(); ++i) {
    if (stats_.handshaking.value() >= settings_.handshakes_max)
      return disarm_listeners();
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd = accept4(listeners_[listener].socket.get(), reinterpret_cast<sockaddr*>(&peer),
                           &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      if (!let_in(fd, peer, listener))
        ::close(fd);
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR)
      continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The listener is level triggered and would spin: let it rest.
      stats_.rejected[static_cast<std::size_t>(reject_reason::descriptors)].add();
      listeners_rest_until_ = tick_ + out_of_descriptors_rest_ticks + 1;
      disarm_listeners();
    }
    return;
  }
}

bool event_loop::let_in(int fd, const sockaddr_storage& peer, std::size_t listener) {
  stats_.accepted.add();
  const auto address = address_of(peer);
  const bool proxied = is_proxy(address); // then the gateway is asked about the client, later
  auto reason = reject_reason::count_;
  if (group_.sockets.fetch_add(1) >= settings_.connections_max)
    reason = reject_reason::connections;
  else if (!proxied && !group_.gateway.may_enter(text_of(address)))
    reason = reject_reason::gateway;
  if (reason == reject_reason::count_) {
    adopt(fd, address, listener, proxied);
    return true;
  }
  group_.sockets.fetch_sub(1);
  stats_.rejected[static_cast<std::size_t>(reason)].add();
  if (!listeners_[listener].tls)
    ::send(fd, turned_away.data(), turned_away.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return false;
}

void event_loop::adopt(int fd, const in6_addr& peer, std::size_t listener, bool proxied) {
  auto& c = slab_.take(peer);
  c.fd = fd;
  c.endpoint = static_cast<std::uint16_t>(listener);
  c.entered = !proxied;
  stats_.open_sockets.add();
  if (proxied)
    set_phase(c, phase::proxy_header);
  else
    begin_session(c);
  set_deadline(c, settings_.handshake_deadline);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET; // once, never modified
  event.data.ptr = &c;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    destroy(c);
}

void event_loop::begin_session(connection& c) {
  if (settings_.endpoints[c.endpoint].tls) {
    c.tls = new tls_session{group_.tls->current().get(), *wire_};
    set_phase(c, phase::tls_handshake);
  } else {
    set_phase(c, phase::request);
  }
}

// -- proxies --------------------------------------------------------------------------------------

bool event_loop::is_proxy(const in6_addr& peer) const noexcept {
  ip_bytes address;
  std::copy_n(peer.s6_addr, address.size(), address.begin());
  return std::any_of(settings_.proxies.begin(), settings_.proxies.end(),
                     [&](const auto& range) { return range.contains(address); });
}

// The header is only looked at until it is whole, so that what comes behind it stays for TLS. More
// bytes of it are a new edge.
void event_loop::read_proxy_header(connection& c) {
  const auto seen = ::recv(c.fd, scratch_.data(), proxy_header_bytes_max, MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (seen <= 0)
    return destroy(c);
  const auto header = net::read_proxy_header({scratch_.data(), static_cast<std::size_t>(seen)});
  switch (header.what) {
  case proxy_header::verdict::need_more:
    if (c.half_closed)
      destroy(c);
    return;
  case proxy_header::verdict::malformed:
    return turn_away(c, reject_reason::proxy_header,
                     refusal_response(400, "Who comes from http.proxy_trusted has to begin with a "
                                           "PROXY protocol header."));
  case proxy_header::verdict::complete:
    ::recv(c.fd, scratch_.data(), header.size, MSG_DONTWAIT);
    stats_.bytes_in.add(header.size);
    return enter(c, header.client.value_or(slab_.peer(c)));
  }
}

void event_loop::enter(connection& c, const in6_addr& peer) {
  slab_.set_peer(c, peer);
  if (!group_.gateway.may_enter(text_of(peer)))
    return turn_away(c, reject_reason::gateway, refusal_response(503, "Too many connections.", 2));
  c.entered = true;
  begin_session(c);
  on_readable(c);
}

void event_loop::turn_away(connection& c, reject_reason why, const http_response& answer) {
  stats_.rejected[static_cast<std::size_t>(why)].add();
  if (settings_.endpoints[c.endpoint].tls)
    return destroy(c);
  refuse(c, answer);
}

// -- listeners ------------------------------------------------------------------------------------

void event_loop::arm_listeners() {
  if (!accepting_ || static_cast<std::int32_t>(listeners_rest_until_ - tick_) > 0
      || stats_.handshaking.value() >= settings_.handshakes_max)
    return;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i].armed)
      continue;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = first_listener_event + i;
    listeners_[i].armed =
        epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listeners_[i].socket.get(), &event) == 0;
  }
}

void event_loop::disarm_listeners() {
  for (auto& l : listeners_)
    if (std::exchange(l.armed, false))
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, l.socket.get(), nullptr);
}

} // namespace argosy::net
