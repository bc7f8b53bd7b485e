// thread_strand: a strand with a thread of its own, for work that must not wait behind others': the
// actors that keep a node in its cluster run here, so that no busy room can make it look dead.
#pragma once

#include "runtime/strand.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace argosy {

class thread_strand final : public strand {
public:
  thread_strand();
  ~thread_strand() override;
  thread_strand(const thread_strand&) = delete;
  thread_strand& operator=(const thread_strand&) = delete;

  /// Handles what has come, then ends the thread; what comes later is never handled. Idempotent,
  /// not on this thread.
  void stop();

private:
  void schedule() override;
  void run();

  std::mutex mutex_;
  std::condition_variable wanted_;
  bool due_ = false;  // guarded by mutex_
  bool over_ = false; // guarded by mutex_
  std::thread thread_;
};

} // namespace argosy
