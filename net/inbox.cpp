#include "net/inbox.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace argosy::net {

namespace {

int make_event() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
  return fd;
}

} // namespace

inbox::inbox() : event_(make_event()) {
}

inbox::~inbox() {
  ::close(event_);
}

// Both sides write one flag and then read the other one, in the single total order of sequentially
// consistent operations: at least one of them sees the other.
void inbox::wake() noexcept {
  if (called_.exchange(true))
    return;
  if (asleep_.load() && asleep_.exchange(false)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
  }
}

bool inbox::may_sleep() noexcept {
  asleep_.store(true);
  if (!called_.load())
    return true;
  asleep_.store(false);
  return false;
}

bool inbox::woken() noexcept {
  asleep_.store(false, std::memory_order_relaxed);
  return called_.exchange(false);
}

void inbox::post(std::function<void()> task) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_)
      return;
    tasks_.push_back(std::move(task));
  }
  wake();
}

void inbox::take(std::vector<std::function<void()>>& tasks) {
  const std::lock_guard lock{mutex_};
  tasks.swap(tasks_);
}

void inbox::close() noexcept {
  std::vector<std::function<void()>> dropped;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  dropped.swap(tasks_);
}

} // namespace argosy::net
