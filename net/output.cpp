#include "net/output.hpp"

#include "net/tls_session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

namespace argosy::net {

namespace {

constexpr std::size_t free_queues_max = 1024;

// Below this many sends a ring batch costs more than it saves.
constexpr std::size_t ring_batch_min = 4;

constexpr std::size_t prefetch_distance = 4;

} // namespace

output::output(const settings& s, loop_stats& stats) : settings_(s), stats_(stats) {
}
output::~output() = default;

void output::open() {
  if (settings_.io_uring == io_uring_mode::automatic)
    ring_ = send_ring::open();
}

void output::close() {
  ring_.reset();
}

// -- queueing -------------------------------------------------------------------------------------

send_result output::push(connection& c, lane in, const frame& f, std::uint64_t conflation_key,
                         std::uint32_t now_ms) {
  const auto& limits = settings_.outbound;
  const auto lane_index = static_cast<std::size_t>(in);
  if (c.queue == nullptr && !c.pending && conflation_key == 0) {
    const auto size = f.wire(c.deflate).size();
    if (size <= limits.lanes[lane_index].bytes_max && size <= limits.total_bytes_max) {
      c.pending = f;
      c.pending_lane = in;
      waiting_ += size;
      if (!c.blocked)
        mark(c);
      return send_result::queued;
    }
  }
  auto& q = queue_of(c);
  const auto before = q.bytes();
  const auto result = q.push(limits, in, f, conflation_key, now_ms);
  waiting_ += q.bytes() - before;
  if (!c.blocked)
    mark(c);
  stats_.dropped[lane_index].add(result.frames_lost);
  switch (result.what) {
  case outbound_queue::verdict::queued:
    return send_result::queued;
  case outbound_queue::verdict::conflated:
    stats_.conflated[lane_index].add();
    return send_result::conflated;
  case outbound_queue::verdict::dropped:
    return send_result::dropped;
  case outbound_queue::verdict::refused:
    stats_.refused_slow.add();
    return send_result::refused_slow;
  case outbound_queue::verdict::sealed:
    break;
  }
  return send_result::gone;
}

void output::append(connection& c, frame f) {
  const auto size = f.wire(c.deflate).size();
  waiting_ += size;
  if (c.queue == nullptr && !c.pending) {
    c.pending = std::move(f);
    c.pending_lane = lane::control;
  } else {
    queue_of(c).append(lane::control, std::move(f));
  }
  if (!c.blocked)
    mark(c);
}

void output::seal(connection& c, frame last) {
  auto& q = queue_of(c);
  const auto before = q.bytes();
  q.seal(std::move(last));
  waiting_ += q.bytes() - before;
  if (!c.blocked)
    mark(c);
}

std::size_t output::waiting_bytes(const connection& c) const noexcept {
  auto bytes = c.queue != nullptr ? c.queue->bytes() : c.pending.wire(c.deflate).size();
  if (c.tls != nullptr)
    bytes += c.tls->kept_bytes();
  return bytes;
}

void output::forget(connection& c) noexcept {
  waiting_ -= c.queue != nullptr ? c.queue->bytes() : c.pending.wire(c.deflate).size();
  c.pending = {};
  drop_queue(c);
}

outbound_queue& output::queue_of(connection& c) {
  if (c.queue != nullptr)
    return *c.queue;
  std::unique_ptr<outbound_queue> q;
  if (free_queues_.empty()) {
    q = std::make_unique<outbound_queue>();
  } else {
    q = std::move(free_queues_.back());
    free_queues_.pop_back();
  }
  q->reset(c.deflate);
  if (c.pending)
    q->append(c.pending_lane, std::move(c.pending));
  c.pending = {};
  c.queue = q.release();
  return *c.queue;
}

void output::drop_queue(connection& c) noexcept {
  if (c.queue == nullptr)
    return;
  std::unique_ptr<outbound_queue> q{std::exchange(c.queue, nullptr)};
  if (free_queues_.size() < free_queues_max) {
    q->reset(false);
    free_queues_.push_back(std::move(q));
  }
}

// -- writing --------------------------------------------------------------------------------------

void output::flush() {
  batch_.swap(dirty_);
  if (ring_ != nullptr && batch_.size() >= ring_batch_min)
    flush_through_ring();
  else
    for (auto* c : batch_)
      flush_one(*c);
  batch_.clear();
  const auto done = std::exchange(tally_, {});
  stats_.bytes_out.add(done.bytes);
  stats_.frames_out.add(done.frames);
  stats_.write_calls.add(done.calls);
  stats_.write_blocked.add(done.blocked);
  stats_.queued_bytes.set(waiting_);
}

void output::flush_one(connection& c) {
  c.dirty = false;
  if (c.state == phase::dead || c.blocked)
    return;
  if (c.tls != nullptr)
    return flush_tls(c);
  ++tally_.calls;
  if (c.queue == nullptr) {
    const auto bytes = c.pending.wire(c.deflate);
    if (bytes.empty())
      return when_empty(c);
    const auto sent = ::send(c.fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return settle(c, sent, errno);
  }
  std::array<chunk, send_ring::pieces_max> chunks;
  std::array<iovec, send_ring::pieces_max> pieces;
  const auto count = c.queue->gather(chunks);
  for (std::size_t i = 0; i < count; ++i)
    pieces[i] = {const_cast<char*>(chunks[i].data), chunks[i].size};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  const auto sent = ::sendmsg(c.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  settle(c, sent, errno);
}

void output::settle(connection& c, std::ptrdiff_t result, int error) {
  if (result >= 0) {
    tally_.bytes += static_cast<std::uint64_t>(result);
    waiting_ -= static_cast<std::size_t>(result);
    c.progressed = true;
    return c.queue == nullptr ? settle_pending(c, static_cast<std::size_t>(result))
                              : settle_queue(c, static_cast<std::size_t>(result));
  }
  if (error == EAGAIN) {
    c.blocked = true;
    ++tally_.blocked;
  } else if (error == EINTR || error == ENOBUFS || error == ENOMEM) {
    mark(c);
  } else {
    failed_.push_back(&c);
  }
}

void output::settle_pending(connection& c, std::size_t sent) {
  if (sent == c.pending.wire(c.deflate).size()) {
    c.pending = {};
    ++tally_.frames;
    if (c.state >= phase::closing)
      when_empty(c);
    return;
  }
  auto f = std::exchange(c.pending, {});
  queue_of(c).append(c.pending_lane, std::move(f), sent);
  c.blocked = true;
  ++tally_.blocked;
}

void output::settle_queue(connection& c, std::size_t sent) {
  std::array<chunk, send_ring::pieces_max> offered;
  std::size_t asked = 0;
  for (std::size_t i = 0, n = c.queue->gather(offered); i < n; ++i)
    asked += offered[i].size;
  tally_.frames += c.queue->consume(sent);
  if (c.queue->empty()) {
    drop_queue(c);
    when_empty(c);
  } else if (sent < asked) {
    c.blocked = true;
    ++tally_.blocked;
  } else {
    mark(c); // more than one call could carry
  }
}

void output::when_empty(connection& c) {
  if (c.state >= phase::closing)
    emptied_.push_back(&c);
}

// -- the ring -------------------------------------------------------------------------------------

void output::flush_through_ring() {
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (i + prefetch_distance < batch_.size())
      __builtin_prefetch(batch_[i + prefetch_distance], 1);
    auto& c = *batch_[i];
    if (c.tls != nullptr || (c.queue == nullptr && !c.pending)) {
      flush_one(c);
      continue;
    }
    c.dirty = false;
    if (c.state == phase::dead || c.blocked)
      continue;
    add_to_ring(c);
    if (ring_->full())
      submit_ring();
  }
  if (!ring_->empty())
    submit_ring();
}

void output::add_to_ring(connection& c) {
  ++tally_.calls;
  if (c.queue == nullptr)
    return ring_->add(c, c.pending.wire(c.deflate));
  std::array<chunk, send_ring::pieces_max> chunks;
  const auto count = c.queue->gather(chunks);
  auto* pieces = ring_->pieces();
  for (std::size_t i = 0; i < count; ++i)
    pieces[i] = {const_cast<char*>(chunks[i].data), chunks[i].size};
  ring_->add_pieces(c, count);
}

void output::submit_ring() {
  ring_->submit([this](connection& c, int result) { settle(c, result, -result); });
  stats_.ring_batches.add();
}

// -- TLS ------------------------------------------------------------------------------------------

void output::flush_tls(connection& c) {
  constexpr int records_max = 8; // of one connection in one turn
  for (int i = 0; i < records_max; ++i) {
    ++tally_.calls;
    const auto flushed = c.tls->flush(c);
    if (flushed == tls_session::progress::failed) {
      failed_.push_back(&c);
      return;
    }
    if (flushed == tls_session::progress::would_block) {
      c.blocked = true;
      ++tally_.blocked;
      return;
    }
    const auto size = take_plaintext(c);
    if (size == 0)
      return when_empty(c);
    if (!c.tls->write(c, {record_.data(), size})) {
      failed_.push_back(&c);
      return;
    }
    tally_.bytes += size;
    c.progressed = true;
  }
  mark(c);
}

// Moves up to one record's worth of frames out of the queue: what the socket does not take is then
// ciphertext, kept by the session.
std::size_t output::take_plaintext(connection& c) {
  record_.resize(tls_session::record_bytes_max);
  if (c.queue == nullptr && c.pending.wire(c.deflate).size() > record_.size())
    queue_of(c);
  if (c.queue == nullptr) {
    const auto bytes = c.pending.wire(c.deflate);
    std::copy(bytes.begin(), bytes.end(), record_.begin());
    const auto size = bytes.size();
    tally_.frames += size > 0 ? 1 : 0;
    waiting_ -= size;
    c.pending = {};
    return size;
  }
  std::array<chunk, send_ring::pieces_max> chunks;
  std::size_t size = 0;
  for (std::size_t i = 0, n = c.queue->gather(chunks); i < n && size < record_.size(); ++i) {
    const auto taken = std::min(chunks[i].size, record_.size() - size);
    std::memcpy(&record_[size], chunks[i].data, taken);
    size += taken;
  }
  tally_.frames += c.queue->consume(size);
  waiting_ -= size;
  if (c.queue->empty())
    drop_queue(c);
  return size;
}

} // namespace argosy::net
