// send_ring: many sends, one system call.
//
// An io_uring used for nothing but batches of non-blocking sends. Every completion is looked at: a
// send that the socket took in part, or not at all, is reported as such (IOSQE_CQE_SKIP_SUCCESS
// would count it as success). At most one entry for each connection in a batch, so order holds.
#pragma once

#include "net/connection.hpp"

#include <liburing.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

namespace argosy::net {

class send_ring {
public:
  /// Null where the kernel or a container forbids io_uring. Belongs to the calling thread.
  static std::unique_ptr<send_ring> open();
  ~send_ring();
  send_ring(const send_ring&) = delete;
  send_ring& operator=(const send_ring&) = delete;

  static constexpr unsigned batch_max = 128;
  static constexpr std::size_t pieces_max = 64; ///< of one connection
  static constexpr std::size_t batch_pieces_max = 2048;

  bool full() const noexcept {
    return waiting_ == batch_max || pieces_used_ + pieces_max > batch_pieces_max;
  }
  bool empty() const noexcept { return waiting_ == 0; }

  /// Not while `full`. The bytes must stay until `submit` returns.
  void add(connection& c, std::string_view bytes) noexcept;

  /// Room for up to `pieces_max` pieces, to be filled and then added.
  iovec* pieces() noexcept { return &pieces_[pieces_used_]; }
  void add_pieces(connection& c, std::size_t count) noexcept;

  /// Sends the batch and calls `done(connection&, int result)` for each: bytes, or -errno.
  template <class Done>
  void submit(Done&& done) {
    const auto expected = waiting_;
    unsigned seen = 0;
    while (seen < expected) {
      wait_for(expected - seen);
      unsigned head = 0;
      unsigned count = 0;
      io_uring_cqe* entry = nullptr;
      io_uring_for_each_cqe(&ring_, head, entry) {
        done(*static_cast<connection*>(io_uring_cqe_get_data(entry)), entry->res);
        ++count;
      }
      io_uring_cq_advance(&ring_, count);
      seen += count;
    }
    waiting_ = 0;
    pieces_used_ = 0;
  }

private:
  send_ring() = default;
  void wait_for(unsigned count) noexcept;

  io_uring ring_{};
  unsigned waiting_ = 0;
  std::size_t pieces_used_ = 0;
  std::vector<iovec> pieces_ = std::vector<iovec>(batch_pieces_max);
  std::vector<msghdr> headers_ = std::vector<msghdr>(batch_max);
};

} // namespace argosy::net
