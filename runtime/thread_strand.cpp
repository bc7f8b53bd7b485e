#include "runtime/thread_strand.hpp"

#include <limits>

namespace argosy {

thread_strand::thread_strand() : thread_([this] { run(); }) {
}

thread_strand::~thread_strand() {
  stop();
}

void thread_strand::stop() {
  {
    const std::lock_guard guard{mutex_};
    over_ = true;
  }
  wanted_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void thread_strand::schedule() {
  {
    const std::lock_guard guard{mutex_};
    due_ = true;
  }
  wanted_.notify_one();
}

void thread_strand::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    wanted_.wait(lock, [this] { return due_ || over_; });
    if (!std::exchange(due_, false))
      return;
    lock.unlock();
    drain(std::numeric_limits<std::size_t>::max(), nullptr);
    lock.lock();
  }
}

} // namespace argosy
