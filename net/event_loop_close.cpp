// event_loop, endings: every way in which a socket ceases to be one.
//
// `farewell` tells the handler, `linger` lets the last bytes out, `destroy` takes the record away;
// each of them only notes it, the end of the turn does it.
#include "net/event_loop.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace argosy::net {

namespace {

constexpr int last_work_rounds_max = 10'000;

bool handshaking(phase p) noexcept {
  return p == phase::proxy_header || p == phase::tls_handshake || p == phase::request;
}

} // namespace

void event_loop::set_phase(connection& c, phase next) noexcept {
  if (handshaking(c.state) && !handshaking(next))
    stats_.handshaking.subtract();
  if (!handshaking(c.state) && handshaking(next))
    stats_.handshaking.add();
  if (c.state == phase::open)
    stats_.open_websockets.subtract();
  if (next == phase::open)
    stats_.open_websockets.add();
  c.state = next;
}

void event_loop::close(socket_id socket, std::uint16_t code, std::string_view reason) {
  auto* c = slab_.find(socket);
  if (c == nullptr || c->state != phase::open)
    return;
  c->close_code = code;
  output_.seal(*c, frame::encode_close(code, reason));
  set_phase(*c, phase::closing);
  set_deadline(*c, settings_.close_deadline);
}

// The conversation is over: what is queued goes out, then the FIN, then we wait for the peer's, as
// RFC 6455 section 7.1.1 advises. To close at once would answer what the peer has still under way
// with a reset, which may overtake our last words.
void event_loop::linger(connection& c) {
  engines_->retire(c);
  if (c.before_open())
    delete std::exchange(c.exchange, nullptr);
  set_phase(c, phase::lingering);
  set_deadline(c, settings_.close_deadline);
  output_.mark(c); // even if nothing waits: the flush finds out and reports it
}

void event_loop::farewell(connection& c, std::uint16_t code, std::string_view reason,
                          bool by_peer) {
  auto* handler = std::exchange(c.handler, nullptr);
  if (handler == nullptr)
    return;
  if (c.deflate)
    group_.deflate_connections.fetch_sub(1, std::memory_order_relaxed);
  stats_.closed[static_cast<std::size_t>(class_of(code))].add();
  goodbyes_.push_back({handler, code, std::string{reason}, by_peer});
}

void event_loop::end(connection& c, std::uint16_t code, std::string_view reason, bool by_peer) {
  if (c.state == phase::open || c.state == phase::closing)
    farewell(c, code, reason, by_peer);
  destroy(c);
}

void event_loop::destroy(connection& c) {
  if (c.state == phase::dead)
    return;
  if (c.before_open())
    delete std::exchange(c.exchange, nullptr);
  engines_->retire(c);
  set_phase(c, phase::dead);
  dead_.push_back(&c);
}

void event_loop::after_flush() {
  for (auto* c : output_.failed())
    if (c->state != phase::dead)
      on_engine_end(*c);
  output_.failed().clear();
  for (auto* c : output_.emptied())
    on_all_sent(*c);
  output_.emptied().clear();
}

void event_loop::on_all_sent(connection& c) {
  if (c.state != phase::lingering || c.finished_writing)
    return;
  if (c.tls != nullptr)
    c.tls->shut_down(c);
  ::shutdown(c.fd, SHUT_WR);
  c.finished_writing = true;
  discard(c);
}

void event_loop::say_farewells() {
  leaving_.swap(goodbyes_);
  for (const auto& g : leaving_)
    g.to->on_closed({g.code, g.reason, g.by_peer});
  leaving_.clear();
}

void event_loop::bury() {
  if (!executor_busy_ && engines_->has_spent())
    engines_->bury();
  for (auto* c : dead_) {
    output_.forget(*c);
    delete std::exchange(c->tls, nullptr);
    ::close(c->fd);
    if (c->entered)
      group_.gateway.left(text_of(slab_.peer(*c)));
    group_.sockets.fetch_sub(1);
    stats_.open_sockets.subtract();
    slab_.release(*c);
  }
  dead_.clear();
}

// The server stops. Well-behaved owners have closed their sockets before; the rest is told
// `stop_code` if the kernel has room for it.
void event_loop::end_all() {
  accepting_ = false;
  listeners_.clear();
  for (std::uint32_t slot = 0; slot < slab_.slots(); ++slot)
    if (auto& c = slab_.at(slot); c.state == phase::open)
      close(c.id(), settings_.stop_code, settings_.stop_reason);
  output_.flush();
  for (std::uint32_t slot = 0; slot < slab_.slots(); ++slot)
    if (auto& c = slab_.at(slot); c.state != phase::free)
      end(c, c.close_code, settings_.stop_reason, false);
  for (int i = 0; i < last_work_rounds_max; ++i) {
    say_farewells();
    if ((work_ == nullptr || !work_->run()) && goodbyes_.empty())
      break;
  }
  finished_ = true;
}

} // namespace argosy::net
