// output: everything a loop writes.
//
// `push` never writes; it queues and remembers the connection. `flush` at the end of the turn makes
// one system call for each remembered connection, or one for 128 of them through a ring. The common
// case, one frame for one idle socket, touches one cache line of the connection and no queue.
//
// Invariant: a connection has a queue only while more waits than its `pending` frame, and `pending`
// is null then. What failed or ran empty is left in two lists for the loop to act on.
#pragma once

#include "net/connection.hpp"
#include "net/loop_stats.hpp"
#include "net/send_ring.hpp"
#include "net/settings.hpp"
#include "runtime/core/outbound_queue.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace argosy::net {

class output {
public:
  output(const settings& s, loop_stats& stats);
  ~output();

  /// On the loop's thread: opens the ring, if there is to be one.
  void open();
  void close();
  bool has_ring() const noexcept { return ring_ != nullptr; }

  /// Queues a frame of the handler, within the limits.
  send_result push(connection& c, lane in, const frame& f, std::uint64_t conflation_key,
                   std::uint32_t now_ms);

  /// Queues a frame of the socket layer, whatever the limits say.
  void append(connection& c, frame f);

  /// Queues the last frame, behind all others.
  void seal(connection& c, frame last);

  /// Writes `c` at the end of this turn.
  void mark(connection& c) {
    if (!c.dirty) {
      c.dirty = true;
      dirty_.push_back(&c);
    }
  }

  std::size_t waiting_bytes(const connection& c) const noexcept;
  bool idle(const connection& c) const noexcept { return waiting_bytes(c) == 0; }

  bool has_work() const noexcept { return !dirty_.empty(); }
  void flush();

  /// After `flush`: whose socket is broken, and which closing connections have sent all.
  std::vector<connection*>& failed() noexcept { return failed_; }
  std::vector<connection*>& emptied() noexcept { return emptied_; }

  /// The connection ends: gives up what it still had to send.
  void forget(connection& c) noexcept;

private:
  void flush_one(connection& c);
  void flush_tls(connection& c);
  void flush_through_ring();
  void add_to_ring(connection& c);
  void submit_ring();
  void settle(connection& c, std::ptrdiff_t result, int error);
  void settle_pending(connection& c, std::size_t sent);
  void settle_queue(connection& c, std::size_t sent);
  void when_empty(connection& c);
  outbound_queue& queue_of(connection& c);
  void drop_queue(connection& c) noexcept;
  std::size_t take_plaintext(connection& c);

  const settings& settings_;
  loop_stats& stats_;
  std::unique_ptr<send_ring> ring_;
  std::vector<connection*> dirty_;
  std::vector<connection*> batch_; ///< the dirty ones being flushed
  std::vector<connection*> failed_;
  std::vector<connection*> emptied_;
  std::vector<std::unique_ptr<outbound_queue>> free_queues_;
  std::vector<char> record_; ///< plaintext of one TLS record
  std::size_t waiting_ = 0;  ///< bytes of all connections

  struct tally {
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
    std::uint64_t calls = 0;
    std::uint64_t blocked = 0;
  } tally_;
};

} // namespace argosy::net
