#include "bench/board.hpp"

#include <cerrno>
#include <new>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace argosy::bench {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share these");

shared_board::shared_board() : fd_(::memfd_create("argosy-bench", MFD_CLOEXEC)) {
  if (fd_ < 0 || ::ftruncate(fd_, sizeof(client_board)) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot create shared memory");
  map();
  new (board_) client_board;
}

shared_board::shared_board(int fd) : fd_(fd) {
  map();
}

shared_board::shared_board(shared_board&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), board_(std::exchange(other.board_, nullptr)) {
}

shared_board::~shared_board() {
  if (board_ != nullptr)
    ::munmap(board_, sizeof(client_board));
  if (fd_ >= 0)
    ::close(fd_);
}

void shared_board::map() {
  void* at = ::mmap(nullptr, sizeof(client_board), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (at == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "cannot map shared memory");
  board_ = static_cast<client_board*>(at);
}

} // namespace argosy::bench
