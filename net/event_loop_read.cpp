// event_loop, reading: from a readable socket to a message for its handler.
#include "net/event_loop.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace argosy::net {

namespace {

constexpr int discard_reads_max = 16;
constexpr std::size_t peek_bytes = 4096;
constexpr std::uint16_t abnormal = 1006;

} // namespace

void event_loop::on_readable(connection& c) {
  if (c.tls != nullptr)
    wire_->rearm();
  switch (c.state) {
  case phase::proxy_header:
    return read_proxy_header(c);
  case phase::tls_handshake:
    return shake_tls(c);
  case phase::request:
  case phase::idle:
    return read_request(c);
  case phase::open:
  case phase::closing:
    return read_frames(c);
  case phase::lingering:
    return discard(c);
  case phase::answering: // the next request is read when this one has been answered
  case phase::free:
  case phase::dead:
    return;
  }
}

engine_host::received event_loop::receive(connection& c, char* into, std::size_t room) {
  if (c.tls != nullptr) {
    const auto got = c.tls->receive(c, into, room);
    if (c.tls->kept_bytes() > 0)
      output_.mark(c);
    stats_.bytes_in.add(got.size);
    return got;
  }
  const auto got = ::recv(c.fd, into, room, MSG_DONTWAIT);
  if (got == 0)
    return {input::end};
  if (got < 0)
    return {errno == EAGAIN || errno == EINTR ? input::would_block : input::failed};
  const auto size = static_cast<std::size_t>(got);
  stats_.bytes_in.add(size);
  // After the peer's FIN a short read does not mean that nothing is left to see.
  return {size < room && !c.half_closed ? input::last_bytes : input::bytes, size};
}

void event_loop::shake_tls(connection& c) {
  const auto result = c.tls->shake_hands(c);
  if (c.tls->kept_bytes() > 0)
    output_.mark(c);
  if (result == tls_session::progress::would_block)
    return;
  if (result == tls_session::progress::failed) {
    stats_.tls_failed.add();
    return destroy(c);
  }
  stats_.tls_handshakes.add();
  if (c.tls->resumed())
    stats_.tls_resumed.add();
  set_phase(c, phase::request);
  read_request(c);
}

// -- frames ---------------------------------------------------------------------------------------

void event_loop::read_frames(connection& c, std::string_view first_bytes) {
  if (c.bound == nullptr && !borrow_engine(c, first_bytes))
    return;
  if (!c.bound->pump())
    reread_later(c);
  settle_engine(c);
}

// False if there is nothing to read but the end: a million sockets that hang up at once need no
// engine for it.
bool event_loop::borrow_engine(connection& c, std::string_view first_bytes) {
  if (first_bytes.empty() && c.half_closed && c.tls == nullptr) {
    const auto got = receive(c, scratch_.data(), peek_bytes);
    if (got.what == input::end || got.what == input::failed) {
      on_engine_end(c);
      return false;
    }
    if (got.what == input::would_block)
      return false;
    first_bytes = {scratch_.data(), got.size};
  }
  if (engines_->bound() >= settings_.engines_bound_max) {
    stats_.engines_evicted.add();
    end(*engines_->oldest()->bound_to(), abnormal, "stalled inside a frame", false);
  }
  engines_->lend(c, tick_, first_bytes);
  return true;
}

void event_loop::settle_engine(connection& c) {
  if (c.bound == nullptr)
    return;
  if (c.bound->at_boundary())
    engines_->give_back(c);
  else if (!c.bound->waits_for_bytes())
    executor_busy_ = true;
}

void event_loop::reread_later(connection& c) {
  if (!c.rereading) {
    c.rereading = true;
    reread_.push_back(&c);
  }
}

void event_loop::reread() {
  rereading_.swap(reread_);
  for (auto* c : rereading_) {
    c->rereading = false;
    on_readable(*c);
  }
  rereading_.clear();
}

// What comes in after the end of the conversation: read, so that closing does not reset the
// connection under the peer before it has read our last words.
void event_loop::discard(connection& c) {
  for (int i = 0; i < discard_reads_max; ++i) {
    const auto got = ::recv(c.fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (got <= 0) {
      // A half-closed peer may still be reading.
      if (got < 0 || c.finished_writing)
        destroy(c);
      return;
    }
  }
  reread_later(c);
}

// -- engine_host ----------------------------------------------------------------------------------

void event_loop::on_engine_message(connection& c, std::string_view payload, bool binary) {
  if (c.state != phase::open)
    return;
  stats_.messages_in.add();
  if (c.bound != nullptr)
    engines_->touch(*c.bound, tick_);
  c.handler->on_message(payload, binary);
}

// The answer to a close frame goes behind what is queued, as our own close frame does.
void event_loop::on_engine_write(connection& c, std::string_view frame_bytes) {
  if (c.state != phase::open)
    return; // our own close frame is out, or on its way
  const auto kind = static_cast<unsigned char>(frame_bytes[0]) & 0x0F;
  auto copy = frame::copy_of(frame_bytes);
  if (kind != static_cast<int>(opcode::close)) {
    if (output_.push(c, lane::control, copy, 0, 0) == send_result::refused_slow)
      stats_.dropped[static_cast<std::size_t>(lane::control)].add();
    return;
  }
  output_.seal(c, std::move(copy));
  c.answering_close = true;
  set_phase(c, phase::closing);
  set_deadline(c, settings_.close_deadline);
}

void event_loop::on_engine_closed(connection& c, std::uint16_t code, std::string_view reason) {
  if (c.answering_close)
    farewell(c, code, reason, true);
  else
    farewell(c, c.close_code, {}, false);
  linger(c);
}

void event_loop::on_engine_violation(connection& c, std::uint16_t code, std::string_view what) {
  if (c.answering_close)
    farewell(c, code, what, false);
  else
    farewell(c, c.close_code, {}, false);
  linger(c);
}

void event_loop::on_engine_end(connection& c) {
  if (c.state == phase::closing && !c.answering_close)
    return end(c, c.close_code, {}, false);
  end(c, abnormal, {}, true);
}

} // namespace argosy::net
