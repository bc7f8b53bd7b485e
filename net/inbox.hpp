// inbox: how other threads reach a loop.
//
// A doorbell that rings only if the loop is asleep: waking an awake loop costs two atomic
// operations, no system call. The eventfd is made in the constructor, before any descriptor table
// is split, so that its number is good in all of them. Shared ownership: an HTTP answer may arrive
// after the server has gone.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace argosy::net {

class inbox {
public:
  /// Throws std::system_error when there is no descriptor left.
  inbox();
  ~inbox();
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  // -- any thread ---------------------------------------------------------------------------------

  /// After this the loop looks at its work at least once more.
  void wake() noexcept;

  /// Runs `task` on the loop, or drops it when the loop has ended.
  void post(std::function<void()> task);

  // -- the loop's thread --------------------------------------------------------------------------

  int descriptor() const noexcept { return event_; }

  /// Before sleeping. False = somebody has called meanwhile: do not sleep.
  bool may_sleep() noexcept;

  /// After sleeping. True if somebody has called since the last time.
  bool woken() noexcept;

  /// The posted tasks, in order.
  void take(std::vector<std::function<void()>>& tasks);

  /// No task is taken any more; those that wait are dropped.
  void close() noexcept;

private:
  std::atomic<bool> called_{false};
  std::atomic<bool> asleep_{false};
  const int event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
  bool closed_ = false;
};

} // namespace argosy::net
