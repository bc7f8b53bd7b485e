#include "tests/actors/fake_loop.hpp"

#include <utility>

namespace argosy::testing {

send_result fake_loop::send(socket_id socket, lane, const frame& f, std::uint64_t) {
  auto& p = peers_[socket.slot];
  if (p.close_code)
    return send_result::gone;
  if (p.full)
    return send_result::refused_slow;
  p.received.emplace_back(f.payload());
  return send_result::queued;
}

void fake_loop::close(socket_id socket, std::uint16_t code, std::string_view) {
  auto& p = peers_[socket.slot];
  if (p.close_code)
    return;
  p.close_code = code;
  closing_.push_back(socket.slot);
}

void fake_loop::finish_closes() {
  for (const auto slot : std::exchange(closing_, {})) {
    auto& p = peers_[slot];
    if (auto* handler = std::exchange(p.handler, nullptr))
      handler->on_closed({*p.close_code, "", false});
  }
}

void fake_loop::call_later(socket_id socket, std::chrono::milliseconds delay, std::uint32_t tag) {
  timers_.emplace(now_ + delay, timer{socket, tag});
}

void fake_loop::advance(std::chrono::milliseconds by) {
  const auto end = now_ + by;
  while (!timers_.empty() && timers_.begin()->first <= end) {
    const auto due = timers_.extract(timers_.begin());
    now_ = due.key();
    auto& p = peers_[due.mapped().socket.slot];
    if (p.handler != nullptr)
      p.handler->on_timer(due.mapped().tag);
    finish_closes();
  }
  now_ = end;
}

} // namespace argosy::testing
