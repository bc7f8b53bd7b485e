#include "runtime/strand.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/system_messages.hpp>

#include <exception>

namespace argosy {

strand::~strand() = default;

const strand*& strand::current() noexcept {
  thread_local const strand* here = nullptr;
  return here;
}

void strand::push(caf::intrusive_ptr<caf::actor_control_block> to, caf::mailbox_element_ptr what) {
  bool wake = false;
  {
    std::lock_guard guard{mutex_};
    inbox_.push_back({std::move(to), std::move(what)});
    wake = !std::exchange(busy_, true);
  }
  if (wake)
    schedule();
}

bool strand::drain(std::size_t budget, caf::execution_unit* host) {
  const auto* outer = std::exchange(current(), this);
  bool more = true;
  while (budget > 0) {
    if (next_ == batch_.size()) {
      batch_.clear();
      next_ = 0;
      std::lock_guard guard{mutex_};
      if (inbox_.empty()) {
        busy_ = false;
        more = false;
        break;
      }
      batch_.swap(inbox_);
    }
    const auto next = std::move(batch_[next_++]);
    static_cast<strand_actor*>(next.to->get())->take(*next.what, host);
    --budget;
  }
  current() = outer;
  return more;
}

void strand_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  if (terminated()) {
    bounce(what);
    return;
  }
  letters_.fetch_add(1, std::memory_order_acq_rel);
  strand_.push(caf::intrusive_ptr<caf::actor_control_block>{ctrl()}, std::move(what));
}

void strand_actor::take(caf::mailbox_element& what, caf::execution_unit*) {
  letters_.fetch_sub(1, std::memory_order_acq_rel);
  if (terminated())
    return;
  auto& content = what.content();
  if (content.match_elements<caf::exit_msg>()) {
    terminate(caf::exit_reason::user_shutdown);
    return;
  }
  try {
    receive(what);
  } catch (const std::exception& e) {
    failed(e.what());
    terminate(caf::exit_reason::unhandled_exception);
  } catch (...) {
    failed("an exception of an unknown type");
    terminate(caf::exit_reason::unhandled_exception);
  }
}

void strand_actor::failed(const char*) noexcept {
}

void strand_actor::terminate(caf::exit_reason reason) {
  cleanup(caf::error{reason}, nullptr);
}

caf::resumable::resume_result scheduler_strand::resume(caf::execution_unit* host,
                                                       std::size_t throughput) {
  return drain(throughput, host) ? caf::resumable::resume_later : caf::resumable::awaiting_message;
}

void scheduler_strand::schedule() {
  ref();
  system_.scheduler().enqueue(this);
}

} // namespace argosy
