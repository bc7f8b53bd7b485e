#include "net/send_ring.hpp"

namespace argosy::net {

namespace {

constexpr int send_flags = MSG_DONTWAIT | MSG_NOSIGNAL;

} // namespace

std::unique_ptr<send_ring> send_ring::open() {
  std::unique_ptr<send_ring> made{new send_ring};
  // Kernels before 6.1 know neither flag.
  for (const unsigned flags : {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0U}) {
    io_uring_params params{};
    params.flags = flags;
    if (io_uring_queue_init_params(batch_max * 2, &made->ring_, &params) == 0)
      return made;
    made->ring_.ring_fd = -1;
  }
  made->ring_.ring_fd = -1;
  return nullptr;
}

send_ring::~send_ring() {
  if (ring_.ring_fd >= 0 && ring_.sq.ring_ptr != nullptr)
    io_uring_queue_exit(&ring_);
}

void send_ring::add(connection& c, std::string_view bytes) noexcept {
  auto* entry = io_uring_get_sqe(&ring_);
  io_uring_prep_send(entry, c.fd, bytes.data(), bytes.size(), send_flags);
  io_uring_sqe_set_data(entry, &c);
  ++waiting_;
}

void send_ring::add_pieces(connection& c, std::size_t count) noexcept {
  auto& header = headers_[waiting_];
  header = {};
  header.msg_iov = pieces();
  header.msg_iovlen = count;
  pieces_used_ += count;
  auto* entry = io_uring_get_sqe(&ring_);
  io_uring_prep_sendmsg(entry, c.fd, &header, static_cast<unsigned>(send_flags));
  io_uring_sqe_set_data(entry, &c);
  ++waiting_;
}

// Interrupted or short of memory for a moment: ask again, the entries are still in the queue.
void send_ring::wait_for(unsigned count) noexcept {
  io_uring_submit_and_wait(&ring_, count);
}

} // namespace argosy::net
