// The half of client_swarm that works while everybody is connected: reading, counting, publishing.
#include "bench/client_swarm.hpp"
#include "bench/stamp.hpp"

#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argosy::bench {

// -- what arrives ---------------------------------------------------------------------------------

void client_swarm::on_event(std::uint32_t slot, std::uint32_t events) {
  auto& c = clients_[slot];
  if (c.at == stage::connecting)
    connected(slot);
  else if (c.at == stage::securing)
    secure(slot);
  // Edge-triggered: bytes that came together with the end of a step have no event of their own.
  if (c.at > stage::securing && c.at != stage::gone && (events & ~std::uint32_t{EPOLLOUT}) != 0)
    read(slot, tls_ || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

void client_swarm::read(std::uint32_t slot, bool to_the_end) {
  auto& c = clients_[slot];
  c.sampling = ++read_number_ % plan_.sample_every == 0;
  while (c.at != stage::gone) {
    const auto got = tls_ ? tls_client::read(*sessions_[slot], scratch_)
                          : ::recv(c.fd, scratch_.data(), scratch_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (got < 0)
      return end(slot, std::string("the connection broke: ") + std::strerror(errno));
    if (got == 0)
      return end(slot, "the server closed the connection");
    take(slot, {scratch_.data(), static_cast<std::size_t>(got)});
    if (!to_the_end && static_cast<std::size_t>(got) < scratch_.size())
      return; // a short read has drained the socket
  }
}

void client_swarm::take(std::uint32_t slot, std::string_view bytes) {
  bump(board_.count.reads);
  bump(board_.count.bytes, bytes.size());
  if (clients_[slot].at == stage::upgrading)
    take_upgrade_answer(slot, bytes);
  else
    take_frames(slot, bytes);
}

void client_swarm::take_frames(std::uint32_t slot, std::string_view bytes) {
  auto& c = clients_[slot];
  const bool sane = c.scanner.feed(bytes, [&](const ws_piece& piece) {
    if (c.at != stage::gone)
      take_piece(slot, piece);
  });
  if (!sane)
    end(slot, "the server sent an illegal frame");
}

void client_swarm::take_piece(std::uint32_t slot, const ws_piece& piece) {
  auto& c = clients_[slot];
  if (piece.is_data()) {
    if (c.at == stage::ready) [[likely]]
      take_data(slot, piece);
    else
      take_welcome(slot, piece);
  } else if (piece.opcode == ws_opcode::ping && piece.whole()) {
    send(slot, client_frame(ws_opcode::pong, piece.bytes));
  } else if (piece.opcode == ws_opcode::close) {
    const auto* b = reinterpret_cast<const unsigned char*>(piece.bytes.data());
    const auto code = piece.bytes.size() < 2 ? 1005 : b[0] << 8 | b[1];
    const auto reason = piece.bytes.size() < 2 ? std::string_view() : piece.bytes.substr(2);
    end(slot, "the server closed with code " + std::to_string(code) + " " + std::string(reason));
  }
}

void client_swarm::take_data(std::uint32_t slot, const ws_piece& piece) {
  auto& c = clients_[slot];
  const auto bytes = piece.bytes;
  const auto stamps = count_stamps(bytes);
  bump(board_.count.deliveries, stamps);
  const bool odd = stamps == 0 && piece.whole() && (!c.served || c.sampling);
  if (odd || (piece.first && speech_->may_hold_ping(bytes)))
    heed(slot, bytes);
  c.served = c.served || stamps != 0;
  if (c.sampling && stamps != 0)
    if (const auto posted_ns = find_stamp(bytes)) {
      board_.latency_ns.record(monotonic_ns() - *posted_ns);
      c.sampling = false;
    }
  if (stamps != 0 && phase_ == phase::publish && rate_ == 0 && publishes(slot))
    publish(slot);
}

/// Of what is no publication, only a ping and a refusal matter to a client that is ready.
void client_swarm::heed(std::uint32_t slot, std::string_view message) {
  const auto said = speech_->listen(message);
  if (said.ping)
    send(slot, heartbeat_reply_);
  if (said.refusal.empty())
    return;
  bump(board_.count.refused);
  complain("the server refused: " + said.refusal);
}

// -- what leaves ----------------------------------------------------------------------------------

bool client_swarm::send(std::uint32_t slot, std::string_view bytes) {
  const auto sent = tls_ ? tls_client::write(*sessions_[slot], bytes)
                         : ::send(clients_[slot].fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent == static_cast<std::ptrdiff_t>(bytes.size());
}

bool client_swarm::say(std::uint32_t slot, std::string_view message) {
  return send(slot, client_frame(speech_->opcode(), message));
}

void client_swarm::publish(std::uint32_t slot) {
  const auto payload = stamped_payload(monotonic_ns(), plan_.payload_bytes);
  if (say(slot, speech_->publication(++command_id_, room_of(slot), payload)))
    bump(board_.count.published);
  else
    end(slot, "the socket took no publication: the server reads too slowly");
}

void client_swarm::publish_due(std::uint64_t now_ns) {
  const auto interval_ns = 1'000'000'000U / rate_;
  for (; next_publish_ns_ <= now_ns; next_publish_ns_ += interval_ns) {
    for (std::size_t tried = 0; tried < clients_.size(); ++tried) {
      const auto slot = next_publisher_;
      next_publisher_ = (next_publisher_ + 1) % static_cast<std::uint32_t>(clients_.size());
      if (publishes(slot) && clients_[slot].at == stage::ready) {
        publish(slot);
        break;
      }
    }
  }
}

void client_swarm::follow_order() {
  char ignored[64];
  if (::read(wake_fd_, ignored, sizeof ignored) <= 0) {
    phase_ = phase::stop;
    return;
  }
  const auto before = phase_;
  phase_ = board_.order.now.load(std::memory_order_acquire);
  rate_ = board_.order.publishes_per_s.load(std::memory_order_relaxed);
  if (phase_ != phase::publish || before == phase::publish)
    return;
  next_publish_ns_ = monotonic_ns();
  if (rate_ == 0)
    for (std::uint32_t slot = 0; slot < clients_.size(); ++slot)
      if (publishes(slot) && clients_[slot].at == stage::ready)
        publish(slot);
}

} // namespace argosy::bench
